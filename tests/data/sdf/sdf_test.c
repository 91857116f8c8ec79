/* A device with the calls of GM/T 0018 that really computes, for tests of the binding; built on libcrypto >= 3.
 *
 * Internal key pairs are derived from a seed, so that two copies of the library can hold the same keys as two devices
 * of one cluster do. SDFTEST_Lose(1) makes the device fall silent: every call and every handle of before is dead, also
 * after SDFTEST_Lose(0). Built with -DSDF_2012 it lacks the calls that the edition of 2023 added.
 */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned char u8;
typedef unsigned int u32;

enum {
    SDR_OK = 0,
    SDR_BASE = 0x01000000,
    SDR_COMMFAIL = SDR_BASE + 3,
    SDR_PARDENY = SDR_BASE + 7,
    SDR_KEYNOTEXIST = SDR_BASE + 8,
    SDR_ALGNOTSUPPORT = SDR_BASE + 9,
    SDR_PKOPERR = SDR_BASE + 0xB,
    SDR_SKOPERR = SDR_BASE + 0xC,
    SDR_VERIFYERR = SDR_BASE + 0xE,
    SDR_STEPERR = SDR_BASE + 0x10,
    SDR_FILESIZEERR = SDR_BASE + 0x11,
    SDR_FILENOEXIST = SDR_BASE + 0x12,
    SDR_FILEOFSERR = SDR_BASE + 0x13,
    SDR_ENCDATAERR = SDR_BASE + 0x16,
    SDR_PRKRERR = SDR_BASE + 0x18,
    SDR_MACERR = SDR_BASE + 0x19,
    SDR_FILEEXISTS = SDR_BASE + 0x1A,
    SDR_INARGERR = SDR_BASE + 0x1D,
    SGD_SM3 = 1,
    SGD_SM4_ECB = 0x401,
    SGD_SM2_1 = 0x20200,
    SGD_SM2_3 = 0x20800,
    SGD_SM3_HMAC = 0x100001,
    SGD_SM4_GCM = 0x02000400,
    INDICES = 8
};

typedef struct { char IssuerName[40], DeviceName[16], DeviceSerial[16]; u32 DeviceVersion, StandardVersion,
    AsymAlgAbility[2], SymAlgAbility, HashAlgAbility, BufferSize; } DEVICEINFO;
typedef struct { u32 bits; u8 x[64], y[64]; } ECCrefPublicKey;
typedef struct { u8 r[64], s[64]; } ECCSignature;
typedef struct { u8 x[64], y[64], M[32]; u32 L; u8 C[1]; } ECCCipher;

typedef struct { u32 generation; int access; EVP_MD_CTX *hash; u8 mac_key[16]; EVP_MD_CTX *inner; } Session;
typedef struct { u32 generation; u8 key[16]; } Key;
typedef struct File { struct File *next; char name[129]; u32 size; u8 *data; } File;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static u32 generation = 1;
static int lost;
static char seed[64] = "seed";
static File *files;

#define ALIVE(h) do { if (lost || !(h) || ((Session *)(h))->generation != generation) return SDR_COMMFAIL; } while (0)

void SDFTEST_Lose(int now) { pthread_mutex_lock(&lock); lost = now; generation++; pthread_mutex_unlock(&lock); }
void SDFTEST_Seed(const char *text) { strncpy(seed, text, sizeof seed - 1); }

static void sm3(u8 out[32], const void *a, size_t an, const void *b, size_t bn, const void *c, size_t cn) {
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_DigestInit_ex(ctx, EVP_sm3(), NULL);
    EVP_DigestUpdate(ctx, a, an);
    EVP_DigestUpdate(ctx, b, bn);
    EVP_DigestUpdate(ctx, c, cn);
    EVP_DigestFinal_ex(ctx, out, NULL);
    EVP_MD_CTX_free(ctx);
}

/* --- SM2 from the points up --- */

static EC_GROUP *group(void) { return EC_GROUP_new_by_curve_name(NID_sm2); }

static BIGNUM *internal(u32 index, char kind, const EC_GROUP *g) {
    u8 digest[32], tail[2] = {(u8)kind, (u8)index};
    sm3(digest, seed, strlen(seed), tail, 2, NULL, 0);
    BIGNUM *d = BN_bin2bn(digest, 32, NULL), *limit = BN_dup(EC_GROUP_get0_order(g));
    BN_CTX *ctx = BN_CTX_new();
    BN_sub_word(limit, 2);
    BN_mod(d, d, limit, ctx);
    BN_add_word(d, 1);
    BN_CTX_free(ctx);
    BN_free(limit);
    return d;
}

static int coordinates(const EC_GROUP *g, const EC_POINT *p, u8 x[32], u8 y[32]) {
    u8 buffer[65];
    if (EC_POINT_point2oct(g, p, POINT_CONVERSION_UNCOMPRESSED, buffer, 65, NULL) != 65) return 0;
    memcpy(x, buffer + 1, 32);
    memcpy(y, buffer + 33, 32);
    return 1;
}

static EC_POINT *point(const EC_GROUP *g, const u8 x[32], const u8 y[32]) {
    u8 buffer[65] = {4};
    EC_POINT *p = EC_POINT_new(g);
    memcpy(buffer + 1, x, 32);
    memcpy(buffer + 33, y, 32);
    if (!EC_POINT_oct2point(g, p, buffer, 65, NULL)) { EC_POINT_free(p); return NULL; }
    return p;
}

static BIGNUM *nonce(const EC_GROUP *g) {
    BIGNUM *k = BN_new();
    do BN_rand_range(k, EC_GROUP_get0_order(g)); while (BN_is_zero(k));
    return k;
}

static void mask(u8 *data, u32 size, const u8 shared[64]) {
    for (u32 at = 0, count = 1; at < size; at += 32, count++) {
        u8 number[4] = {(u8)(count >> 24), (u8)(count >> 16), (u8)(count >> 8), (u8)count}, block[32];
        sm3(block, shared, 64, number, 4, NULL, 0);
        for (u32 i = 0; i < 32 && at + i < size; i++) data[at + i] ^= block[i];
    }
}

static int sm2_encrypt(const EC_GROUP *g, const EC_POINT *to, const u8 *data, u32 size, ECCCipher *out) {
    BIGNUM *k = nonce(g);
    EC_POINT *c1 = EC_POINT_new(g), *s = EC_POINT_new(g);
    u8 shared[64];
    int good = EC_POINT_mul(g, c1, k, NULL, NULL, NULL) && EC_POINT_mul(g, s, NULL, to, k, NULL);
    memset(out, 0, 128);
    good = good && coordinates(g, c1, out->x + 32, out->y + 32) && coordinates(g, s, shared, shared + 32);
    if (good) {
        sm3(out->M, shared, 32, data, size, shared + 32, 32);
        out->L = size;
        memmove(out->C, data, size);
        mask(out->C, size, shared);
    }
    EC_POINT_free(c1);
    EC_POINT_free(s);
    BN_clear_free(k);
    return good;
}

static int sm2_decrypt(const EC_GROUP *g, const BIGNUM *d, const ECCCipher *in, u8 *data) {
    EC_POINT *c1 = point(g, in->x + 32, in->y + 32), *s = EC_POINT_new(g);
    u8 shared[64], check[32];
    int good = c1 && EC_POINT_mul(g, s, NULL, c1, d, NULL) && coordinates(g, s, shared, shared + 32);
    if (good) {
        memcpy(data, in->C, in->L);
        mask(data, in->L, shared);
        sm3(check, shared, 32, data, in->L, shared + 32, 32);
        good = !CRYPTO_memcmp(check, in->M, 32);
        if (!good) memset(data, 0, in->L);
    }
    EC_POINT_free(c1);
    EC_POINT_free(s);
    return good;
}

static void right(u8 out[64], const BIGNUM *n) { memset(out, 0, 64); BN_bn2binpad(n, out + 32, 32); }

static int sm2_sign(const EC_GROUP *g, const BIGNUM *d, const u8 e[32], ECCSignature *out) {
    BN_CTX *ctx = BN_CTX_new();
    const BIGNUM *n = EC_GROUP_get0_order(g);
    BIGNUM *k = nonce(g), *r = BN_bin2bn(e, 32, NULL), *s = BN_new(), *t = BN_new();
    EC_POINT *p = EC_POINT_new(g);
    u8 x[32], y[32];
    EC_POINT_mul(g, p, k, NULL, NULL, ctx);
    int good = coordinates(g, p, x, y);
    BIGNUM *bx = BN_bin2bn(x, 32, NULL);
    BN_mod_add(r, r, bx, n, ctx);
    BN_mod_mul(t, r, d, n, ctx);
    BN_mod_sub(s, k, t, n, ctx);
    BN_copy(t, d);
    BN_add_word(t, 1);
    BN_mod_inverse(t, t, n, ctx);
    BN_mod_mul(s, s, t, n, ctx);
    right(out->r, r);
    right(out->s, s);
    BN_clear_free(k); BN_free(r); BN_free(s); BN_clear_free(t); BN_free(bx);
    EC_POINT_free(p);
    BN_CTX_free(ctx);
    return good;
}

static int sm2_verify(const EC_GROUP *g, const EC_POINT *q, const u8 e[32], const ECCSignature *in) {
    BN_CTX *ctx = BN_CTX_new();
    const BIGNUM *n = EC_GROUP_get0_order(g);
    BIGNUM *r = BN_bin2bn(in->r, 64, NULL), *s = BN_bin2bn(in->s, 64, NULL), *t = BN_new(), *v = BN_bin2bn(e, 32, NULL);
    EC_POINT *p = EC_POINT_new(g);
    u8 x[32], y[32];
    BN_mod_add(t, r, s, n, ctx);
    int good = !BN_is_zero(r) && !BN_is_zero(s) && BN_cmp(r, n) < 0 && BN_cmp(s, n) < 0 && !BN_is_zero(t)
        && EC_POINT_mul(g, p, s, q, t, ctx) && coordinates(g, p, x, y);
    if (good) {
        BIGNUM *bx = BN_bin2bn(x, 32, NULL);
        BN_mod_add(v, v, bx, n, ctx);
        good = BN_cmp(v, r) == 0;
        BN_free(bx);
    }
    BN_free(r); BN_free(s); BN_free(t); BN_free(v);
    EC_POINT_free(p);
    BN_CTX_free(ctx);
    return good;
}

/* --- SM4 and GCM --- */

static void ecb(const u8 key[16], const u8 *in, u32 size, u8 *out) {
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    EVP_EncryptInit_ex(ctx, EVP_sm4_ecb(), NULL, key, NULL);
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    EVP_EncryptUpdate(ctx, out, &n, in, (int)size);
    EVP_CIPHER_CTX_free(ctx);
}

#ifndef SDF_2012
static void multiply(u8 x[16], const u8 h[16]) {
    u8 z[16] = {0}, v[16];
    memcpy(v, h, 16);
    for (int bit = 0; bit < 128; bit++) {
        if (x[bit / 8] >> (7 - bit % 8) & 1) for (int i = 0; i < 16; i++) z[i] ^= v[i];
        int low = v[15] & 1;
        for (int i = 15; i; i--) v[i] = (u8)(v[i] >> 1 | v[i - 1] << 7);
        v[0] >>= 1;
        if (low) v[0] ^= 0xE1;
    }
    memcpy(x, z, 16);
}

static void absorb(u8 state[16], const u8 h[16], const u8 *data, u32 size) {
    for (u32 at = 0; at < size; at += 16) {
        for (u32 i = 0; i < 16 && at + i < size; i++) state[i] ^= data[at + i];
        multiply(state, h);
    }
}

static void put(u8 *out, unsigned long long bits) { for (int i = 7; i >= 0; i--, bits >>= 8) out[i] = (u8)bits; }

static void gcm(const u8 key[16], const u8 iv[12], const u8 *aad, u32 aads, const u8 *in, u32 size, u8 *out, int opening,
                u8 tag[16]) {
    u8 h[16] = {0}, counter[16] = {0}, pad[16], state[16] = {0}, lengths[16];
    const u8 *ciphertext = opening ? in : out;
    ecb(key, h, 16, h);
    memcpy(counter, iv, 12);
    if (opening) absorb(state, h, aad, aads), absorb(state, h, ciphertext, size);
    for (u32 at = 0, count = 2; at < size; at += 16, count++) {
        put(pad, count);
        memcpy(counter + 12, pad + 4, 4);
        ecb(key, counter, 16, pad);
        for (u32 i = 0; i < 16 && at + i < size; i++) out[at + i] = in[at + i] ^ pad[i];
    }
    if (!opening) absorb(state, h, aad, aads), absorb(state, h, ciphertext, size);
    put(lengths, 8ull * aads);
    put(lengths + 8, 8ull * size);
    absorb(state, h, lengths, 16);
    memcpy(counter + 12, "\0\0\0\1", 4);
    ecb(key, counter, 16, tag);
    for (int i = 0; i < 16; i++) tag[i] ^= state[i];
}
#endif

/* --- devices and sessions --- */

int SDF_OpenDevice(void **device) {
    if (lost) return SDR_BASE + 5;
    *device = malloc(1);
    return SDR_OK;
}

int SDF_CloseDevice(void *device) { free(device); return SDR_OK; }

int SDF_OpenSession(void *device, void **session) {
    if (lost || !device) return SDR_BASE + 6;
    Session *made = calloc(1, sizeof *made);
    made->generation = generation;
    *session = made;
    return SDR_OK;
}

int SDF_CloseSession(void *session) {
    Session *s = session;
    EVP_MD_CTX_free(s->hash);
    EVP_MD_CTX_free(s->inner);
    OPENSSL_clear_free(s, sizeof *s);
    return SDR_OK;
}

int SDF_GetDeviceInfo(void *session, DEVICEINFO *info) {
    ALIVE(session);
    memset(info, 0, sizeof *info);
    memcpy(info->IssuerName, "Test", 4);
    memcpy(info->DeviceName, "sdf_test", 8);
    memcpy(info->DeviceSerial, "2026010100000001", 16);
    info->DeviceVersion = 7;
    info->StandardVersion = 1;
    info->AsymAlgAbility[0] = SGD_SM2_1 | SGD_SM2_3;
    info->SymAlgAbility = SGD_SM4_ECB;
    info->HashAlgAbility = SGD_SM3;
    info->BufferSize = 1 << 16;
    return SDR_OK;
}

int SDF_GenerateRandom(void *session, u32 size, u8 *out) {
    ALIVE(session);
    RAND_bytes(out, (int)size);
    return SDR_OK;
}

int SDF_GetPrivateKeyAccessRight(void *session, u32 index, u8 *password, u32 size) {
    ALIVE(session);
    if (index < 1 || index > INDICES) return SDR_KEYNOTEXIST;
    if (size != 8 || memcmp(password, "password", 8)) return SDR_PRKRERR;
    ((Session *)session)->access |= 1 << index;
    return SDR_OK;
}

int SDF_ReleasePrivateKeyAccessRight(void *session, u32 index) {
    ALIVE(session);
    ((Session *)session)->access &= ~(1 << index);
    return SDR_OK;
}

#define INDEX(i) do { if ((i) < 1 || (i) > INDICES) return SDR_KEYNOTEXIST; } while (0)
#define ACCESS(s, i) do { INDEX(i); if (!(((Session *)(s))->access >> (i) & 1)) return SDR_PARDENY; } while (0)

static int export(u32 index, char kind, ECCrefPublicKey *out) {
    INDEX(index);
    EC_GROUP *g = group();
    BIGNUM *d = internal(index, kind, g);
    EC_POINT *p = EC_POINT_new(g);
    EC_POINT_mul(g, p, d, NULL, NULL, NULL);
    memset(out, 0, sizeof *out);
    out->bits = 256;
    coordinates(g, p, out->x + 32, out->y + 32);
    EC_POINT_free(p);
    BN_clear_free(d);
    EC_GROUP_free(g);
    return SDR_OK;
}

int SDF_ExportSignPublicKey_ECC(void *session, u32 index, ECCrefPublicKey *out) { ALIVE(session); return export(index, 's', out); }
int SDF_ExportEncPublicKey_ECC(void *session, u32 index, ECCrefPublicKey *out) { ALIVE(session); return export(index, 'e', out); }

/* --- keys --- */

static void *handle(const u8 key[16]) {
    Key *made = malloc(sizeof *made);
    made->generation = generation;
    memcpy(made->key, key, 16);
    return made;
}

int SDF_GenerateKeyWithIPK_ECC(void *session, u32 index, u32 bits, ECCCipher *out, void **key) {
    ALIVE(session);
    if (bits != 128) return SDR_INARGERR;
    ECCrefPublicKey public;
    int code = export(index, 'e', &public);
    if (code) return code;
    EC_GROUP *g = group();
    EC_POINT *to = point(g, public.x + 32, public.y + 32);
    u8 clear[16];
    RAND_bytes(clear, 16);
    code = sm2_encrypt(g, to, clear, 16, out) ? SDR_OK : SDR_PKOPERR;
    if (!code) *key = handle(clear);
    EC_POINT_free(to);
    EC_GROUP_free(g);
    OPENSSL_cleanse(clear, 16);
    return code;
}

int SDF_ImportKeyWithISK_ECC(void *session, u32 index, ECCCipher *in, void **key) {
    ALIVE(session);
    ACCESS(session, index);
    if (in->L != 16) return SDR_ENCDATAERR;
    EC_GROUP *g = group();
    BIGNUM *d = internal(index, 'e', g);
    u8 clear[16];
    int good = sm2_decrypt(g, d, in, clear);
    if (good) *key = handle(clear);
    BN_clear_free(d);
    EC_GROUP_free(g);
    OPENSSL_cleanse(clear, 16);
    return good ? SDR_OK : SDR_SKOPERR;
}

int SDF_ExchangeDigitEnvelopeBaseOnECC(void *session, u32 index, u32 algorithm, ECCrefPublicKey *to, ECCCipher *in,
                                       ECCCipher *out) {
    ALIVE(session);
    ACCESS(session, index);
    if (algorithm != SGD_SM2_3) return SDR_ALGNOTSUPPORT;
    if (in->L != 16) return SDR_ENCDATAERR;
    EC_GROUP *g = group();
    BIGNUM *d = internal(index, 'e', g);
    EC_POINT *p = point(g, to->x + 32, to->y + 32);
    u8 clear[16];
    int code = !p ? SDR_PKOPERR : !sm2_decrypt(g, d, in, clear) ? SDR_SKOPERR : SDR_OK;
    if (!code) sm2_encrypt(g, p, clear, 16, out);
    BN_clear_free(d);
    EC_POINT_free(p);
    EC_GROUP_free(g);
    OPENSSL_cleanse(clear, 16);
    return code;
}

int SDF_DestroyKey(void *session, void *key) {
    ALIVE(session);
    OPENSSL_clear_free(key, sizeof(Key));
    return SDR_OK;
}

#define KEY(k) do { if (!(k) || ((Key *)(k))->generation != generation) return SDR_KEYNOTEXIST; } while (0)

int SDF_Encrypt(void *session, void *key, u32 algorithm, u8 *iv, u8 *data, u32 size, u8 *out, u32 *outs) {
    (void)iv;
    ALIVE(session);
    KEY(key);
    if (algorithm != SGD_SM4_ECB) return SDR_ALGNOTSUPPORT;
    if (size % 16) return SDR_INARGERR;
    ecb(((Key *)key)->key, data, size, out);
    *outs = size;
    return SDR_OK;
}

#ifndef SDF_2012
int SDF_AuthEnc(void *session, void *key, u32 algorithm, u8 *iv, u32 ivs, u8 *aad, u32 aads, u8 *data, u32 size, u8 *out,
                u32 *outs, u8 *tag, u32 *tags) {
    ALIVE(session);
    KEY(key);
    if (algorithm != SGD_SM4_GCM) return SDR_ALGNOTSUPPORT;
    if (ivs != 12 || *tags < 16) return SDR_INARGERR;
    gcm(((Key *)key)->key, iv, aad, aads, data, size, out, 0, tag);
    *outs = size;
    *tags = 16;
    return SDR_OK;
}

int SDF_AuthDec(void *session, void *key, u32 algorithm, u8 *iv, u32 ivs, u8 *aad, u32 aads, u8 *tag, u32 *tags, u8 *data,
                u32 size, u8 *out, u32 *outs) {
    u8 computed[16];
    ALIVE(session);
    KEY(key);
    if (algorithm != SGD_SM4_GCM) return SDR_ALGNOTSUPPORT;
    if (ivs != 12 || *tags != 16) return SDR_INARGERR;
    gcm(((Key *)key)->key, iv, aad, aads, data, size, out, 1, computed);
    if (CRYPTO_memcmp(computed, tag, 16)) { memset(out, 0, size); return SDR_MACERR; }
    *outs = size;
    return SDR_OK;
}

static void pad_start(EVP_MD_CTX *ctx, const u8 key[16], u8 with) {
    u8 block[64];
    memset(block, with, 64);
    for (int i = 0; i < 16; i++) block[i] ^= key[i];
    EVP_DigestInit_ex(ctx, EVP_sm3(), NULL);
    EVP_DigestUpdate(ctx, block, 64);
}

int SDF_HMACInit(void *session, void *key, u32 algorithm) {
    ALIVE(session);
    KEY(key);
    if (algorithm != SGD_SM3_HMAC) return SDR_ALGNOTSUPPORT;
    Session *s = session;
    memcpy(s->mac_key, ((Key *)key)->key, 16);
    if (!s->inner) s->inner = EVP_MD_CTX_new();
    pad_start(s->inner, s->mac_key, 0x36);
    return SDR_OK;
}

int SDF_HMACUpdate(void *session, u8 *data, u32 size) {
    ALIVE(session);
    if (!((Session *)session)->inner) return SDR_STEPERR;
    EVP_DigestUpdate(((Session *)session)->inner, data, size);
    return SDR_OK;
}

int SDF_HMACFinal(void *session, u8 *out, u32 *outs) {
    ALIVE(session);
    Session *s = session;
    u8 digest[32];
    if (!s->inner) return SDR_STEPERR;
    EVP_DigestFinal_ex(s->inner, digest, NULL);
    pad_start(s->inner, s->mac_key, 0x5C);
    EVP_DigestUpdate(s->inner, digest, 32);
    EVP_DigestFinal_ex(s->inner, out, NULL);
    EVP_MD_CTX_free(s->inner);
    s->inner = NULL;
    OPENSSL_cleanse(s->mac_key, 16);
    *outs = 32;
    return SDR_OK;
}
#endif

/* --- hash and signatures --- */

int SDF_HashInit(void *session, u32 algorithm, ECCrefPublicKey *public, u8 *id, u32 ids) {
    ALIVE(session);
    if (algorithm != SGD_SM3) return SDR_ALGNOTSUPPORT;
    Session *s = session;
    EVP_MD_CTX_free(s->hash);
    s->hash = EVP_MD_CTX_new();
    EVP_DigestInit_ex(s->hash, EVP_sm3(), NULL);
    if (public) {
        EC_GROUP *g = group();
        BIGNUM *a = BN_new(), *b = BN_new();
        u8 z[194], digest[32], length[2] = {(u8)(ids * 8 >> 8), (u8)(ids * 8)};
        EC_GROUP_get_curve(g, NULL, a, b, NULL);
        BN_bn2binpad(a, z, 32);
        BN_bn2binpad(b, z + 32, 32);
        coordinates(g, EC_GROUP_get0_generator(g), z + 64, z + 96);
        memcpy(z + 128, public->x + 32, 32);
        memcpy(z + 160, public->y + 32, 32);
        sm3(digest, length, 2, id, ids, z, 192);
        EVP_DigestUpdate(s->hash, digest, 32);
        BN_free(a);
        BN_free(b);
        EC_GROUP_free(g);
    }
    return SDR_OK;
}

int SDF_HashUpdate(void *session, u8 *data, u32 size) {
    ALIVE(session);
    if (!((Session *)session)->hash) return SDR_STEPERR;
    EVP_DigestUpdate(((Session *)session)->hash, data, size);
    return SDR_OK;
}

int SDF_HashFinal(void *session, u8 *out, u32 *outs) {
    ALIVE(session);
    Session *s = session;
    if (!s->hash) return SDR_STEPERR;
    EVP_DigestFinal_ex(s->hash, out, NULL);
    EVP_MD_CTX_free(s->hash);
    s->hash = NULL;
    *outs = 32;
    return SDR_OK;
}

int SDF_InternalSign_ECC(void *session, u32 index, u8 *data, u32 size, ECCSignature *out) {
    ALIVE(session);
    ACCESS(session, index);
    if (size != 32) return SDR_INARGERR;
    EC_GROUP *g = group();
    BIGNUM *d = internal(index, 's', g);
    int good = sm2_sign(g, d, data, out);
    BN_clear_free(d);
    EC_GROUP_free(g);
    return good ? SDR_OK : SDR_BASE + 0xD;
}

int SDF_ExternalVerify_ECC(void *session, u32 algorithm, ECCrefPublicKey *public, u8 *data, u32 size, ECCSignature *in) {
    ALIVE(session);
    if (algorithm != SGD_SM2_1) return SDR_ALGNOTSUPPORT;
    if (size != 32) return SDR_INARGERR;
    EC_GROUP *g = group();
    EC_POINT *q = point(g, public->x + 32, public->y + 32);
    int good = q && sm2_verify(g, q, data, in);
    EC_POINT_free(q);
    EC_GROUP_free(g);
    return good ? SDR_OK : SDR_VERIFYERR;
}

int SDF_InternalVerify_ECC(void *session, u32 index, u8 *data, u32 size, ECCSignature *in) {
    ECCrefPublicKey public;
    ALIVE(session);
    int code = export(index, 's', &public);
    return code ? code : SDF_ExternalVerify_ECC(session, SGD_SM2_1, &public, data, size, in);
}

/* --- files --- */

static File *find(const u8 *name, u32 size) {
    for (File *f = files; f; f = f->next) if (strlen(f->name) == size && !memcmp(f->name, name, size)) return f;
    return NULL;
}

int SDF_CreateFile(void *session, u8 *name, u32 names, u32 size) {
    ALIVE(session);
    if (!names || names > 128) return SDR_INARGERR;
    if (size > 1 << 20) return SDR_FILESIZEERR;
    pthread_mutex_lock(&lock);
    int code = find(name, names) ? SDR_FILEEXISTS : SDR_OK;
    if (!code) {
        File *f = calloc(1, sizeof *f);
        memcpy(f->name, name, names);
        f->size = size;
        f->data = calloc(1, size ? size : 1);
        f->next = files;
        files = f;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

int SDF_ReadFile(void *session, u8 *name, u32 names, u32 offset, u32 *size, u8 *out) {
    ALIVE(session);
    File *f = find(name, names);
    if (!f) return SDR_FILENOEXIST;
    if (offset > f->size) return SDR_FILEOFSERR;
    if (*size > f->size - offset) *size = f->size - offset;
    memcpy(out, f->data + offset, *size);
    return SDR_OK;
}

int SDF_WriteFile(void *session, u8 *name, u32 names, u32 offset, u32 size, u8 *data) {
    ALIVE(session);
    File *f = find(name, names);
    if (!f) return SDR_FILENOEXIST;
    if (offset > f->size) return SDR_FILEOFSERR;
    if (size > f->size - offset) return SDR_FILESIZEERR;
    memcpy(f->data + offset, data, size);
    return SDR_OK;
}

int SDF_DeleteFile(void *session, u8 *name, u32 names) {
    ALIVE(session);
    for (File **at = &files; *at; at = &(*at)->next)
        if (strlen((*at)->name) == names && !memcmp((*at)->name, name, names)) {
            File *f = *at;
            *at = f->next;
            free(f->data);
            free(f);
            return SDR_OK;
        }
    return SDR_FILENOEXIST;
}
