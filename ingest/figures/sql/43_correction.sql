-- What counts otherwise than it was measured.

create view figure_correction as
select
    c.correction_id,
    p.code as project,
    d.code as device,
    c.kind,
    q.code as quantity,
    q.label_ja,
    q.label_en,
    c.channel,
    c.starts,
    c.ends,
    c.scale,
    c.offset_ as "offset",
    c.value,
    c.who,
    c.made_at,
    c.why
from correction c
join device d using (device_id)
join project p using (project_id)
left join quantity q on q.quantity_id = c.quantity_id
where c.revoked_at is null;

comment on view figure_correction is
'有効な訂正の一覧。annul は無効、recalibrate は補正(値×scale+offset)、prefer は不一致のうち採用した値。測定項目・チャネルが空ならすべて、終了が空なら取り消すまで。
Corrections in force, one by one: annul (does not count), recalibrate (value * scale + offset), prefer (of a conflict this value counts). quantity or channel null: all; ends null: until revoked. reading_counted says what they do.';
