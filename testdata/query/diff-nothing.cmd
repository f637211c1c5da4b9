diff findings/rule-drop.log findings/rule-drop-not.log
