"""The login window over a service in memory: every way in, every refusal in words, by mouse and keyboard."""

import pytest
from bed.waits import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.features.login.parts import Countdown
from app.features.login.service import Outcome
from app.features.login.view import LoginWindow
from app.session.states import NetworkError, SignInStep
from app.showcase.login_service import WORD, ShowcaseLogin
from server_stub.contract.errors import ApiError, ErrorCode
from widgets.theme import ThemeManager


@pytest.fixture
def make(qtbot):
    def build(service: ShowcaseLogin) -> LoginWindow:
        window = LoginWindow(service, ThemeManager(animations=False))
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    return build


def click(button) -> None:
    # A page that was just shown is laid out at the next turn of the loop.
    QApplication.sendPostedEvents()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def at_sign_in(make, service: ShowcaseLogin) -> LoginWindow:
    window = make(service)
    window.begin_bundled()
    await window.tasks.settle()
    assert window.stack.currentWidget() is window.sign_in
    return window


@pytest.mark.clause("E001")
async def test_account_and_password_typed_and_entered(make):
    service = ShowcaseLogin()
    window = await at_sign_in(make, service)
    QTest.keyClicks(window.sign_in.login.edit, "liqiang")
    QTest.keyClick(window.sign_in.login.edit, Qt.Key.Key_Tab)
    QTest.keyClicks(window.sign_in.password.edit, WORD)
    entered: list[bool] = []
    window.signed_in.connect(lambda: entered.append(True))
    QTest.keyClick(window.sign_in.password.edit, Qt.Key.Key_Return)
    await window.tasks.settle()
    assert entered == [True]
    assert service.calls[-1] == ("sign_in", ("liqiang", WORD))


@pytest.mark.clause("E002")
async def test_a_phone_number_does_as_well(make):
    service = ShowcaseLogin()
    window = await at_sign_in(make, service)
    QTest.keyClicks(window.sign_in.login.edit, "13803710001")
    QTest.keyClicks(window.sign_in.password.edit, WORD)
    click(window.sign_in.go)
    await window.tasks.settle()
    assert service.calls[-1] == ("sign_in", ("13803710001", WORD))


async def test_one_click_fills_in_a_demo_account(make):
    window = await at_sign_in(make, ShowcaseLogin())
    click(window.sign_in.demo.buttons[1])
    assert (window.sign_in.login.value, window.sign_in.password.value) == ("zhaomin", WORD)


async def test_enter_on_the_button_that_has_the_focus_signs_in(make):
    """After 填写 the focus is on 登录, which shows its ring: Enter must press it as Space does."""
    service = ShowcaseLogin()
    window = await at_sign_in(make, service)
    click(window.sign_in.demo.buttons[1])
    QTest.keyClick(window.sign_in.go, Qt.Key.Key_Return)
    await window.tasks.settle()
    assert service.calls[-1] == ("sign_in", ("zhaomin", WORD))


async def test_empty_fields_are_named_and_nothing_is_sent(make):
    service = ShowcaseLogin()
    window = await at_sign_in(make, service)
    click(window.sign_in.go)
    assert window.sign_in.login.edit.accessibleDescription() == "请输入账号或手机号。"
    assert window.sign_in.password.edit.accessibleDescription() == "请输入密码。"
    assert [name for name, _ in service.calls] == ["connect_bundled"]


async def test_a_refusal_is_said_and_the_wait_is_counted(make):
    service = ShowcaseLogin()
    service.outcomes = [
        Outcome(SignInStep.REFUSED, "账号或密码不正确。"),
        Outcome(SignInStep.REFUSED, "操作过于频繁，请 30 秒后再试。", retry_after=30),
    ]
    window = await at_sign_in(make, service)
    click(window.sign_in.demo.buttons[0])
    click(window.sign_in.go)
    await window.tasks.settle()
    assert window.sign_in.notice.words == "账号或密码不正确。"
    click(window.sign_in.go)
    await window.tasks.settle()
    assert not window.sign_in.go.isEnabled()
    assert "30 秒" in window.sign_in.go.text()


async def test_no_connection_is_said_with_a_way_to_try_again(make):
    service = ShowcaseLogin()
    service.error = NetworkError()
    window = make(service)
    window.begin_bundled()
    await window.tasks.settle()
    assert "无法连接服务器" in window.work.notice.words
    click(window.work._retry)
    await window.tasks.settle()
    assert window.stack.currentWidget() is window.sign_in


@pytest.mark.clause("E004")
async def test_an_account_never_activated_goes_to_activation(make):
    service = ShowcaseLogin()
    service.outcomes = [Outcome(SignInStep.NEEDS_ACTIVATION)]
    window = await at_sign_in(make, service)
    click(window.sign_in.demo.buttons[0])
    click(window.sign_in.go)
    await window.tasks.settle()
    assert window.stack.currentWidget() is window.code
    assert window.code.title.text() == "激活账号"
    click(window.code.send)
    await window.tasks.settle()
    assert service.calls[-1] == ("request_code", ("liqiang", "activate"))
    for field, words in (
        (window.code.code, "123456"),
        (window.code.password, "Abcd1234"),
        (window.code.again, "Abcd1234"),
    ):
        QTest.keyClicks(field.edit, words)
    click(window.code.go)
    await window.tasks.settle()
    assert service.calls[-1] == ("set_password", ("liqiang", "activate", "123456"))
    assert window.stack.currentWidget() is window.sign_in
    assert "账号已激活" in window.sign_in.notice.words


async def test_esc_leads_back_to_the_sign_in(make):
    window = await at_sign_in(make, ShowcaseLogin())
    window.activateWindow()
    await until(window.isActiveWindow)
    click(window.sign_in.forgot_link)
    assert window.stack.currentWidget() is window.code
    QTest.keyClick(window.code.code.edit, Qt.Key.Key_Escape)
    assert window.stack.currentWidget() is window.sign_in
    # There is nowhere to go from here.
    QTest.keyClick(window.sign_in.login.edit, Qt.Key.Key_Escape)
    assert window.stack.currentWidget() is window.sign_in


@pytest.mark.clause("E003")
async def test_a_forgotten_password_is_replaced_by_code(make):
    service = ShowcaseLogin()
    window = await at_sign_in(make, service)
    QTest.keyClicks(window.sign_in.login.edit, "zhaomin")
    click(window.sign_in.forgot_link)
    click(window.code.send)
    await window.tasks.settle()
    assert service.calls[-1] == ("request_code", ("zhaomin", "reset"))
    assert not window.code.send.isEnabled()
    QTest.keyClicks(window.code.code.edit, "000000")
    QTest.keyClicks(window.code.password.edit, "Abcd1234")
    QTest.keyClicks(window.code.again.edit, "Abcd1235")
    click(window.code.go)
    assert window.code.password.edit.accessibleDescription() == "两次输入的密码不一致。"
    window.code.again.edit.setText("Abcd1234")
    click(window.code.go)
    await window.tasks.settle()
    assert window.code.notice.words == "验证码不正确或已过期，请重新获取。"


async def test_without_a_keyring_a_passcode_is_chosen(make):
    service = ShowcaseLogin()
    service.outcomes = [Outcome(SignInStep.NEEDS_NEW_PASSCODE)]
    window = await at_sign_in(make, service)
    click(window.sign_in.demo.buttons[0])
    click(window.sign_in.go)
    await window.tasks.settle()
    QTest.keyClicks(window.passcode.passcode.edit, "12345")
    click(window.passcode.go)
    assert "至少 6 位" in window.passcode.passcode.edit.accessibleDescription()
    QTest.keyClicks(window.passcode.passcode.edit, "6")
    QTest.keyClick(window.passcode.go, Qt.Key.Key_Return)
    assert "不一致" in window.passcode.again.edit.accessibleDescription()
    QTest.keyClicks(window.passcode.again.edit, "123456")
    entered: list[bool] = []
    window.signed_in.connect(lambda: entered.append(True))
    click(window.passcode.go)
    await window.tasks.settle()
    assert entered == [True]
    assert service.calls[-1] == ("give_passcode", ("123456",))


async def test_the_first_start_offers_the_demo_and_fills_it(make):
    service = ShowcaseLogin(needs_setup=True)
    window = make(service)
    window.begin_welcome()
    click(window.welcome.choices[0])
    await window.tasks.settle()
    assert ("fill_demo", ()) in service.calls
    assert window.stack.currentWidget() is window.sign_in
    assert len(window.sign_in.demo.buttons) == 2


async def test_the_first_start_offers_an_own_organisation(make):
    service = ShowcaseLogin(needs_setup=True)
    window = make(service)
    window.begin_welcome()
    click(window.welcome.choices[1])
    await window.tasks.settle()
    page = window.organisation
    for field, words in zip(
        page.fields, ("示例市", "管理员", "admin", "13800000000", "Abcd1234", "Abcd1234"), strict=True
    ):
        field.edit.insert(words)  # as an input method does: keyClicks aborts on what is no key
    entered: list[bool] = []
    window.signed_in.connect(lambda: entered.append(True))
    click(page.go)
    await window.tasks.settle()
    assert entered == [True]
    assert [name for name, _ in service.calls][-2:] == ["make_administrator", "sign_in"]


async def test_a_server_elsewhere_is_asked_for_by_address(make):
    service = ShowcaseLogin()
    window = make(service)
    window.begin_welcome()
    click(window.welcome.choices[2])
    QTest.keyClicks(window.connect_page.address.edit, "zd.example.gov.cn")
    service.error = ApiError(ErrorCode.UNAVAILABLE)
    QTest.keyClick(window.connect_page.address.edit, Qt.Key.Key_Return)
    await window.tasks.settle()
    assert "服务暂不可用" in window.connect_page.notice.words
    click(window.connect_page.go)
    await window.tasks.settle()
    assert service.calls[-1] == ("connect", ("https://zd.example.gov.cn",))
    assert window.stack.currentWidget() is window.sign_in


def press_enter(window: LoginWindow) -> None:
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)


async def test_enter_goes_from_field_to_field_and_signs_in_at_the_last(make, qtbot):
    service = ShowcaseLogin()
    window = await at_sign_in(make, service)
    page = window.sign_in
    page.login.edit.setFocus()
    press_enter(window)
    assert page.login.edit.accessibleDescription() == "请输入账号或手机号。"
    QTest.keyClicks(page.login.edit, "liqiang")
    press_enter(window)
    assert window.focusWidget() is page.password.edit
    assert (
        page.password.edit.accessibleDescription() == "请输入密码。"
    )  # said by the first attempt, with both empty
    assert not [name for name, _ in service.calls if name == "sign_in"]
    QTest.keyClicks(page.password.edit, WORD)
    press_enter(window)
    await window.tasks.settle()
    assert service.calls[-1] == ("sign_in", ("liqiang", WORD))


async def test_enter_alone_fills_in_the_form_of_an_own_organisation(make):
    service = ShowcaseLogin(needs_setup=True)
    window = make(service)
    window.begin_welcome()
    window.welcome.choices[1].setFocus()
    press_enter(window)  # the large buttons of the first page too
    await window.tasks.settle()
    page = window.organisation
    assert window.stack.currentWidget() is page
    words = ("示例市", "管理员", "admin", "13800000000", "Abcd1234", "Abcd1234")
    for field, value in zip(page.fields, words, strict=True):
        assert window.focusWidget() is field.edit
        field.edit.insert(value)
        press_enter(window)
    await window.tasks.settle()
    assert [name for name, _ in service.calls][-2:] == ["make_administrator", "sign_in"]


async def test_enter_asks_for_a_code_then_walks_to_the_new_password(make):
    service = ShowcaseLogin()
    window = await at_sign_in(make, service)
    window.sign_in.login.edit.setText("newcomer")
    click(window.sign_in.activate_link)
    page = window.code
    page.login.edit.setFocus()
    press_enter(window)
    await window.tasks.settle()
    assert [name for name, _ in service.calls].count("request_code") == 1
    assert window.focusWidget() is page.code.edit
    page.login.edit.setFocus()
    press_enter(window)  # another may not be asked for yet: it goes on
    assert [name for name, _ in service.calls].count("request_code") == 1
    for field, words in ((page.code, "123456"), (page.password, "Abcd1234"), (page.again, "Abcd1234")):
        assert window.focusWidget() is field.edit
        QTest.keyClicks(field.edit, words)
        press_enter(window)
    await window.tasks.settle()
    assert "set_password" in [name for name, _ in service.calls]


async def test_enter_on_a_demo_account_fills_it_in(make):
    window = await at_sign_in(make, ShowcaseLogin())
    window.sign_in.demo.buttons[1].setFocus()
    press_enter(window)
    assert window.sign_in.login.value == "zhaomin"


def test_a_button_counts_down_and_gets_its_own_words_back(qtbot):
    button = QPushButton("获取验证码")
    qtbot.addWidget(button)
    wait = Countdown(button, "{} 秒后重发")
    wait.begin(1.2)
    assert (button.text(), button.isEnabled()) == ("2 秒后重发", False)
    wait.begin(3)  # asked for again meanwhile: its own words are not those of the countdown
    said = []
    while wait.isActive():
        said.append(button.text())
        wait.timeout.emit()
    assert said == ["3 秒后重发", "2 秒后重发", "1 秒后重发"]
    assert (button.text(), button.isEnabled()) == ("获取验证码", True)
    wait.begin(30)
    wait.end()
    assert (button.text(), button.isEnabled(), wait.isActive()) == ("获取验证码", True, False)
