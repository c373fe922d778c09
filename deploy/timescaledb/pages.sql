-- Where the pages are: the links of the dashboards lead there. Without PAGES_URL what was set before stays.
\getenv pages_url PAGES_URL
\if :{?pages_url}
insert into figure_setting (name, value) values ('pages_url', :'pages_url')
on conflict (name) do update set value = excluded.value;
\endif
