-- The public halves of the keys that signed a report of the project, and no others.
select k.key_id, k.public_key, k.made_at
from signing_key k
where k.key_id in (select r.key_id from report r join project p using (project_id) where p.code = %(project)s)
