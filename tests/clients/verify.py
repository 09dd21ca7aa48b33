"""Verifies a webhook with the published library: {"secret", "body", "headers"} in, {"type"} or {"refused"} out, a line each."""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

for line in sys.stdin:
    one = json.loads(line)
    try:
        told = {"type": Webhook(one["secret"]).verify(one["body"], one["headers"])["type"]}
    except WebhookVerificationError as error:
        told = {"refused": str(error)}
    print(json.dumps(told), flush=True)
