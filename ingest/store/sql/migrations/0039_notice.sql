-- While the service runs: safe, a new table and a column that may be null; an older service knows neither.

create table notice (
    topic text primary key,
    ja text not null,
    en text not null,
    noted_at timestamptz not null default now()
);

comment on table notice is
'全ページの上に出すお知らせ。表示中の数字がまだ最終でないときなどに、処理をしている側が書き、終われば消す。topic: だれのお知らせか。
What every page says above its content, as while figures are not yet what they will be. Whoever does the work enters it and deletes it at the end. topic: whose it is.';

alter table measure
    add column client_key uuid,  -- of the program that sent it: the same measure is stored once
    add unique (project_id, client_key);
