"""The pages for signing in, and for those who may not see a page, in Japanese."""

ACCESS = {
    "sign_in": "サインイン",
    "sign_out": "サインアウト",
    "sign_in_login": "ログイン名",
    "sign_in_password": "パスワード",
    "sign_in_code_title": "確認コードの入力",
    "sign_in_code": "確認コード",
    "sign_in_code_hint": "認証アプリに表示されている6桁の数字を入れてください。",
    "sign_in_anew": "はじめからやり直す",
    "sign_in_at": "{name} でサインイン",
    "sign_in_lost": "パスワードを忘れたときは、団体の管理者に新しいリンクを頼んでください。",
    "link_over": "このリンクは使えません",
    "link_password": "パスワードの設定",
    "link_password_hint": "{n}文字以上にしてください。記号を混ぜるより、長いほうが安全です。",
    "link_password_new": "新しいパスワード",
    "link_password_again": "新しいパスワード(もう一度)",
    "link_password_set": "設定してサインイン",
    "link_session": "リンクでサインイン",
    "link_session_hint": "このリンクは一度だけ使えます。",
    "not_signed_in": "サインインが必要です",
    "not_signed_in_more": "サインインすると、あなたの団体のデータを見られます。",
    "forbidden": "この画面を見る権限がありません",
    "forbidden_more": "必要な権限は、あなたの団体の管理者が付けられます。"
    "職員の異動などで要る場合は管理者に頼んでください。",
    "bad_proxy": "どなたか確かめられません",
    "bad_proxy_more": "手前のプロキシーが利用者の名前を伝えていないか、複数の名前を伝えています。"
    "プロキシーの担当者に知らせてください。",
    "not_admitted": "この利用者では入れません",
    "not_admitted_more": "あなたの団体の管理者に相談してください。",
    "forged": "操作を受け付けませんでした",
    "forged_more": "画面を開いたままサインインし直したか、別のサイトから送られた操作です。"
    "画面を開き直してもう一度お試しください。",
    "unclaimed": "まだ管理者が登録されていません",
    "unclaimed_more": "設置した方へ: このプログラムが動いている機械で noroshi access init を実行し、"
    "表示されたリンクを開いてください。"
    "それまでは、その機械からの閲覧にだけ答えます。",
}
