report query/quiet.log
