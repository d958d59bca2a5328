/* The services beside DynamoDB, by number. */

#include "api/cloudwatch/cloudwatch.h"

static const struct service *const SERVICES[API_SERVICE_COUNT] = {
    [API_CLOUDWATCH] = &CLOUDWATCH,
};

void api_service(struct api *api,
                 struct api_call *call,
                 enum api_service service,
                 enum api_protocol protocol)
{
    service_call(SERVICES[service], api, call, protocol);
}
