"""端末への通知の文言."""

PHONE: dict[str, str] = {
    "phone": "この端末への通知",
    "phone_lead": (
        "監視の通知を、このブラウザー(スマートフォンなど)で受け取ります。"
        "初めは切れています。届くのは、監視計画の人(people)に"
        "自分のログイン名があり、web_push の送り先に入っているときです。"
        "内容は端末の鍵で暗号化されます。"
    ),
    "phone_on": "この端末で受け取る",
    "phone_off": "やめる",
    "phone_list": "受け取っている端末",
    "phone_none": "ありません",
    "phone_no_key": "この設備では端末への通知を使っていません(設定 watch.push_key_file)。",
    "phone_denied": "ブラウザーで通知が許可されていません。",
    "phone_failed": "登録できませんでした。もう一度試してください。",
    "phone_unable": "このブラウザーは通知を受け取れません(https と、iPhone ではホーム画面への追加が必要です)。",
    "phone_done_on": "この端末で受け取ります。",
    "phone_done_off": "通知をやめました。",
}
