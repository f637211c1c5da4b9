report query/utf-16.txt
