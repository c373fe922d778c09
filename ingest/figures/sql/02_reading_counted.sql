-- What counts: until something is corrected, every reading as it was measured.

create view reading_counted as
select time, value, device_id, quantity_id, channel, quality from reading;

comment on view reading_counted is
'有効な測定値。訂正がなければ reading と同じ。
What counts: as long as nothing is corrected, every reading.';
