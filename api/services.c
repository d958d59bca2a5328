/* The services beside DynamoDB, by number. */

#include "api/cloudformation/cloudformation.h"
#include "api/cloudwatch/cloudwatch.h"
#include "api/ssm/ssm.h"
#include "api/sts/sts.h"

static const struct service *const SERVICES[API_SERVICE_COUNT] = {
    [API_CLOUDFORMATION] = &CLOUDFORMATION,
    [API_CLOUDWATCH] = &CLOUDWATCH,
    [API_SSM] = &SSM,
    [API_STS] = &STS,
};

void api_service(struct api *api,
                 struct api_call *call,
                 enum api_service service,
                 enum api_protocol protocol)
{
    service_call(SERVICES[service], api, call, protocol);
}
