"""Jobs downstream of `ancient` inputs alone are checked, as they do not follow a rerun."""

import asyncio
from types import SimpleNamespace

from icr.cluster.ancient_inputs import following, plan_behind_ancient

OLD, NEW = SimpleNamespace(is_ancient=True), SimpleNamespace(is_ancient=False)
READERS = {
    "decision": {"scores": [OLD], "summary": [OLD, NEW]},
    "scores": {"pairs": [NEW]},
    "summary": {"report": [NEW]},
    "pairs": {"report": [NEW]},
    "report": {},
}


def test_jobs_that_read_ancient_files_alone_do_not_follow():
    assert list(following(READERS, "decision")) == ["decision", "summary", "report"]
    assert list(following(READERS, "scores")) == ["scores", "pairs", "report"]


def test_other_traversals_of_the_graph_follow_every_edge():
    searches = []

    class Dag:
        def bfs(self, *_):
            return "every edge"

        async def update_needrun(self):
            searches.append(list(self.bfs(READERS, "decision")))

    dag = Dag()
    plan_behind_ancient(dag)
    asyncio.run(dag.update_needrun())
    assert searches == [["decision", "summary", "report"]]
    assert dag.bfs(READERS, "decision") == "every edge"
