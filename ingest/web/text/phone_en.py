"""Texts of notices on phones."""

PHONE: dict[str, str] = {
    "phone": "Notices on this phone",
    "phone_lead": (
        "Notices of the watch in this browser, as on a phone. Off at first. They come if your"
        " login stands among the people of the watch document and a web_push channel names you."
        " They are encrypted for the phone."
    ),
    "phone_on": "Turn on for this browser",
    "phone_off": "Turn off",
    "phone_list": "Turned on",
    "phone_none": "None",
    "phone_no_key": "This installation calls no phones (setting watch.push_key_file).",
    "phone_denied": "The browser does not allow notices.",
    "phone_failed": "It could not be registered. Try again.",
    "phone_unable": "This browser takes no notices (it needs https, and an iPhone the page on its home screen).",
    "phone_done_on": "Turned on for this browser.",
    "phone_done_off": "Turned off.",
}
