// SPDX-License-Identifier: GPL-2.0-or-later
/* arm_none.c - a build without live sources cannot make the kernel trace */
#include <errno.h>
#include <stdio.h>

#include "nfhop/arm.h"

int arm_open(const struct arm_want *want, struct arm **arm, struct arm_error *err)
{
	(void)want;
	*arm = NULL;
	*err = (struct arm_error){ "this nfhop was built without live sources", 0, 0 };
	return -EOPNOTSUPP;
}

int arm_change(struct arm *arm, const struct arm_want *want, struct arm_error *err)
{
	return arm_open(want, &arm, err);
}

void arm_name(char name[32])
{
	*name = '\0';
}

int arm_counts(struct arm *arm, uint64_t *asked, uint64_t *traced)
{
	(void)arm;
	*asked = *traced = 0;
	return -EOPNOTSUPP;
}

void arm_close(struct arm *arm)
{
	(void)arm;
}
