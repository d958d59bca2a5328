/*
 * A run as a picture (SVG within HTML): the steps along the time, the states of tables and indexes
 * as bands, refusals and faults as marks, and the reads of each index as stacked columns.
 *
 *     0 s        10 s        20 s        30 s
 *     [1][2][ 3 ][4][   5   ][ 6 ]…              steps, in the colour of their outcome
 *     approvals
 *     [CREATING|ACTIVE|UPDATING|ACTIVE        ]
 *     by-user
 *     [CREATING|ACTIVE                |DELET.]
 *     by-user-v2
 *                     [CREATING|ACTIVE  ^    ]   ^ refused or made to fail
 *     reads per second
 *      .:|:. :|:|                                 each index in its colour
 *
 * Colours are the page's style classes, so that the picture follows dark and light. Everything that
 * can be pointed at tells more in a <title>.
 */

#ifndef REHEARSEDB_TOOLS_REPORT_PICTURE_H
#define REHEARSEDB_TOOLS_REPORT_PICTURE_H

struct buffer;
struct run_record;

/* The steps alone, when nothing was observed. */
void picture_append(struct buffer *to, const struct run_record *record);

#endif
