/* The peer of benchmarks/sm_speed.py: libgcrypt called bare, from C, on one core.
 * Usage: gcrypt_speed sm4|sm3 SECONDS; prints bytes per second of processor time. */
#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PIECE (1024 * 1024)

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    unsigned char *in = malloc(PIECE), *out = malloc(PIECE), key[16] = {1}, nonce[12] = {2}, aad[80] = {3}, tag[16];
    double seconds = argc > 2 ? atof(argv[2]) : 1.0, start;
    unsigned long pieces = 0;
    if (argc < 2 || !in || !out) return 2;
    gcry_check_version(NULL);
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    memset(in, 7, PIECE);
    start = now();
    while (now() - start < seconds) {
        if (strcmp(argv[1], "sm3") == 0) {
            gcry_md_hash_buffer(GCRY_MD_SM3, out, in, PIECE);
        } else {
            /* As a message or chunk is sealed: a key of its own, nonce, additional data, text, tag. */
            gcry_cipher_hd_t handle;
            if (gcry_cipher_open(&handle, GCRY_CIPHER_SM4, GCRY_CIPHER_MODE_GCM, 0)) return 3;
            if (gcry_cipher_setkey(handle, key, 16) || gcry_cipher_setiv(handle, nonce, 12) ||
                gcry_cipher_authenticate(handle, aad, sizeof aad) ||
                gcry_cipher_encrypt(handle, out, PIECE, in, PIECE) || gcry_cipher_gettag(handle, tag, 16))
                return 4;
            gcry_cipher_close(handle);
        }
        pieces++;
    }
    printf("%.0f\n", pieces * (double)PIECE / (now() - start));
    return 0;
}
