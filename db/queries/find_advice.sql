-- The last application of advice that was asked for with the request $1.
select id from applied_advice where md5(request) = md5($1) and request = $1 order by id desc limit 1
