select code, unit, unit_ja, kind, label_ja, label_en, states::text as states
from quantity
where %(project)s::text is not null
