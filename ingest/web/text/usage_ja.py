"""利用状況の文言."""

USAGE: dict[str, str] = {
    "plan_usage": "利用状況",
    "plan_usage_title": "{year}の利用状況",
    "plan_usage_lead": "画面の閲覧とサインインは団体(市町村)全体、ダウンロード・報告書・API はこの事業の数です。"
    "監査ログから数え、個人は示しません。",
    "plan_usage_csv": "CSV で保存",
    "plan_usage_people": "利用者数",
    "plan_usage_people_mean": "利用者数(月平均)",
    "plan_usage_sign_ins": "サインイン",
    "plan_usage_views": "閲覧",
    "plan_usage_downloads": "ダウンロード",
    "plan_usage_reports": "報告書",
    "plan_usage_programs": "API プログラム",
    "plan_usage_programs_mean": "API プログラム(月平均)",
    "plan_usage_notifications": "通知",
    "plan_usage_messages_unit": "通",
    "plan_usage_departments": "利用した所属(課)",
    "plan_usage_diversity": "多用途度",
    "plan_usage_people_unit": "人",
    "plan_usage_times_unit": "回",
    "plan_usage_programs_unit": "本",
    "plan_usage_departments_unit": "課",
    "plan_usage_diversity_unit": "通り",
    "plan_usage_of_months": "記録のある {n} か月(うち確定 {frozen} か月)の値です。指標(KPI)の画面は、"
    "確定した月だけで計算します。",
    "plan_usage_by_month": "月ごと",
    "plan_usage_month": "月",
    "plan_usage_state": "状態",
    "plan_usage_frozen": "確定",
    "plan_usage_frozen_at": "{at} 版{n}",
    "plan_usage_open": "速報",
    "plan_usage_open_more": "速報: まだ確定していない月です。いまの監査ログから数えているため、増えることがあります。",
    "plan_usage_frozen_more": "確定: 確定したときの数のままです。監査ログが短くなっても変わりません。"
    "計画のある事業の月を、計画の確定日に定期処理「実績の確定」が確定します。",
    "plan_usage_by_department": "所属(課)ごと",
    "plan_usage_department": "所属(課)",
    "plan_usage_cell": "{people} / {views}",
    "plan_usage_by_department_more": "その月の利用者数(人) / 閲覧(回)。「・」は、利用がないか、"
    "ほかの所属にまとめた月です。"
    "{n}人に満たない所属は、だれのことか分からないよう、月ごとに「ほかの所属」にまとめます(延べ人数)。",
    "plan_usage_by_role": "役割ごと",
    "plan_usage_role": "役割",
    "plan_usage_by_role_more": "その月に利用した人を、いまの役割(いくつもあれば最も上の役割)で分けた人数です。",
    "plan_usage_nowhere": "所属なし",
    "plan_usage_others": "ほかの所属",
    "plan_usage_no_role": "役割なし",
    "plan_usage_none": "利用の分かる月がまだありません。",
    "plan_usage_diversity_head": "多用途度とは",
    "plan_usage_diversity_is": "多用途度 = 年度内に有効なデータの届いた分野の数 × 年度内に一人でも利用した所属(課)の数",
    "plan_usage_diversity_why": "一つの基盤を、いくつの用途(農業・防災・見守りなど)に、"
    "いくつの課が実際に使っているかを表します。"
    "台帳に登録しただけの分野や、だれも使っていない課は数えません。"
    "画面は見えるものすべてを示すため、どの課がどの分野を見たかまでは分かりません。それで、二つの数を掛けます。",
    "plan_usage_uses_are": "分野: {names}",
    "plan_usage_uses_none": "有効なデータの届いた分野がまだありません。",
    "plan_usage_departments_are": "所属: {names}",
    "plan_usage_departments_more": "ほか {n} 課(3人に満たないため名前を示しません)",
    "plan_usage_counted_head": "数え方",
    "plan_usage_counted_people": "利用者数: その月に一度でも利用した人。同じ人は一度だけ数えます。コマンド、自動処理、"
    "API のトークンは人に数えません。",
    "plan_usage_counted_views": "閲覧: 一人・画面の種類・1時間につき1回。",
    "plan_usage_counted_downloads": "ダウンロード: データの保存と書き出しの回数。報告書: 作成した回数。API プログラム: "
    "その月に API を使ったトークンの数。",
}
