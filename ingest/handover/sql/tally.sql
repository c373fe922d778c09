select
    t.hour, p.code as project, t.writer, t.stored, t.duplicate, t.quarantined, t.readings_offered, t.readings_stored,
    t.readings_duplicate, t.readings_conflict, t.readings_quarantined, t.payload_bytes
from tally t
join project p using (project_id)
where p.code = %(project)s
