"""A judge without a server that gives a test's answers and stores nothing."""

from icr.judging.client import Verdict


class FakeJudge:
    """Answers each request with ``answer(messages)``; an exception stands for a failure."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def ask(self, requests):
        self.asked += requests
        return [self._verdict(request) for request in requests]

    def _verdict(self, request):
        try:
            return Verdict(self.answer(request.messages), None, 10, 2)
        except RuntimeError as error:
            return Verdict(error=str(error))
