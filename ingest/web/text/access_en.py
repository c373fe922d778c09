"""The pages for signing in, and for those who may not see a page, in English."""

ACCESS = {
    "sign_in": "Sign in",
    "sign_out": "Sign out",
    "sign_in_login": "Login",
    "sign_in_password": "Password",
    "sign_in_code_title": "Enter your code",
    "sign_in_code": "Code",
    "sign_in_code_hint": "The six digits that your authenticator shows.",
    "sign_in_anew": "Start from the beginning",
    "sign_in_at": "Sign in with {name}",
    "sign_in_lost": "If you forgot your password, ask an administrator of your organisation for a new link.",
    "link_over": "This link does not work",
    "link_password": "Set your password",
    "link_password_hint": "At least {n} characters. A long one is safer than one with signs in it.",
    "link_password_new": "New password",
    "link_password_again": "New password, again",
    "link_password_set": "Set it and sign in",
    "link_session": "Sign in by link",
    "link_session_hint": "This link works once.",
    "not_signed_in": "Please sign in",
    "not_signed_in_more": "When you are signed in you see the data of your organisation.",
    "forbidden": "You may not see this page",
    "forbidden_more": "An administrator of your organisation can give you the right that it takes.",
    "bad_proxy": "It is not clear who you are",
    "bad_proxy_more": "The proxy in front of this service does not say who you are, or names several people."
    " Tell whoever runs it.",
    "not_admitted": "You are not let in here",
    "not_admitted_more": "Ask an administrator of your organisation.",
    "forged": "This was not done",
    "forged_more": "You signed in anew while the page was open, or another site sent this."
    " Open the page again and retry.",
    "unclaimed": "There is no administrator yet",
    "unclaimed_more": "To whoever installed this: run noroshi access init on the machine that runs this program,"
    " and open the link that it prints. Until then only that machine is answered.",
}
