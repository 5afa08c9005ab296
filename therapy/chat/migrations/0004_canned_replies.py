"""Prepared replies to begin with; supervisors change them in the admin. Not reviewed by a clinician."""

from django.db import migrations

REPLIES = {
    "en": (
        ("Hello", "Hello, I am a counsellor here, a human. I have read what you wrote. I am with you now."),
        ("Are you safe?", "Before anything else: are you somewhere safe right now?"),
        ("Thoughts of suicide", "Are you thinking about ending your life? You can tell me plainly, I will not be shocked."),
        ("Means", "Is there anything near you that you have thought of using? Could you bring it to another room, or give it to someone?"),
        ("Someone with you", "Is there somebody who could be with you in the next hours? I can stay here while you ask them."),
        ("Emergency number", "I am worried about your life right now. Please call your emergency number, or let somebody near you call. I stay here."),
        ("A moment", "I need a minute to read and to think. I am still here."),
        ("Handing back", "I am going to leave in a moment. Attune, the AI, will answer again; you can ask for a human any time with “Talk to a person”."),
    ),
    "zh": (
        ("打招呼", "你好，我是这里的咨询师，是真人。你写的我都看了，我现在陪着你。"),
        ("现在安全吗", "先问一句最要紧的：你现在待的地方安全吗？"),
        ("自杀的念头", "你是在想结束自己的生命吗？可以直接告诉我，我不会被吓到。"),
        ("身边的东西", "你身边有没有想过要用的东西？能不能先放到别的房间，或者交给别人？"),
        ("有人陪着", "接下来这几个小时，有没有谁可以陪着你？你去问的时候，我就在这里。"),
        ("紧急电话", "我现在很担心你的生命安全。请拨打急救电话，或者让身边的人帮你打。我一直在这里。"),
        ("稍等", "我需要一分钟看一看、想一想。我还在。"),
        ("交还", "我等一下要离开了，之后又由 AI 心语来回应。想找真人，随时点“找真人谈谈”。"),
    ),
}


def add(apps, schema_editor):
    replies = apps.get_model("chat", "CannedReply")
    for language, entries in REPLIES.items():
        for position, (title, text) in enumerate(entries, start=1):
            replies.objects.get_or_create(language=language, title=title, defaults={"text": text, "position": position * 10})


class Migration(migrations.Migration):
    dependencies = [("chat", "0003_takeover")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
