/* SPDX-License-Identifier: GPL-2.0-or-later */
/* root.h - a folder that stands for a host's root: proc/ and sys/ as a test wants them */
#ifndef TEST_LIVE_ROOT_H
#define TEST_LIVE_ROOT_H

/* root_make - an empty one; Return: its path, valid until the next call */
const char *root_make(void);

/* root_file - a file in it, with the folders it needs; NULL as content: a folder */
void root_file(const char *path, const char *content);
void root_link(const char *path, const char *target);

/* root_remove - it and all that is in it */
void root_remove(void);

#endif
