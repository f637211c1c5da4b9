/* SPDX-License-Identifier: GPL-2.0-or-later */
/* glob.c - patterns with * and ? over names */
#include "tree.h"

bool glob_matches(struct str glob, struct str s)
{
	size_t g = 0, i = 0, star = SIZE_MAX, mark = 0;

	while (i < s.n) {
		if (g < glob.n && (glob.p[g] == '?' || glob.p[g] == s.p[i]) && glob.p[g] != '*') {
			g++;
			i++;
		} else if (g < glob.n && glob.p[g] == '*') {
			star = g++;
			mark = i;
		} else if (star != SIZE_MAX) {
			g = star + 1;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (g < glob.n && glob.p[g] == '*')
		g++;
	return g == glob.n;
}
