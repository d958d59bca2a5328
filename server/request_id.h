/*
 * Request ids as DynamoDB's: 52 characters of 0-9 and A-Z, of which the last 26 are always the
 * same.
 */

#ifndef REHEARSEDB_SERVER_REQUEST_ID_H
#define REHEARSEDB_SERVER_REQUEST_ID_H

enum { REQUEST_ID_SIZE = 52 + 1 }; /* with the final zero */

/* Any thread; unique for all practical purposes, not secret. */
void request_id_create(char out_id[REQUEST_ID_SIZE]);

#endif
