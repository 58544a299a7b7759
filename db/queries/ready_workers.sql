-- The processors that can take work, with the attempts that each has in hand.
select name, running from replicas where service = 'processor' and status = 'ready' and lease_until > clock_timestamp()
