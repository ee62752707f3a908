#!/usr/bin/env python3
"""A runtime that does what an event tells it, for what no function of ours does."""

import http.client
import json
import os
import sys
import time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
PATH = "/2018-06-01/runtime/invocation"


def call(method, path, body=None):
    connection = http.client.HTTPConnection(API)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer, answer.read()


if os.environ.get("FAIL_INIT"):
    sys.exit("this is what it says last")

while True:
    answer, event = call("GET", f"{PATH}/next")
    identifier = answer.getheader("Lambda-Runtime-Aws-Request-Id")
    seconds = int(answer.getheader("Lambda-Runtime-Deadline-Ms")) / 1000 - time.time()
    event = json.loads(event)
    time.sleep(event.get("sleep", 0))
    if "exit" in event:
        sys.exit(event["exit"])
    if "fail" in event:
        body = {"errorType": "Strange", "errorMessage": event["fail"]}
        call("POST", f"{PATH}/{identifier}/error", json.dumps(body))
    else:
        # Quotation marks are two bytes of it.
        size = event.get("bytes")
        body = "x" * (size - 2) if size else {"event": event, "has_time": 0 < seconds < 60}
        call("POST", f"{PATH}/{identifier}/response", json.dumps(body))
