"""A configuration and everything that follows from it before anything is computed."""

from icr.config import Config
from icr.workflow.blocks import Blocks
from icr.workflow.calibrations import Calibrations
from icr.workflow.decisions import Decisions
from icr.workflow.evaluations import Evaluations
from icr.workflow.fetched import Fetched
from icr.workflow.greedy import GreedyAnswers
from icr.workflow.jobs import Jobs
from icr.workflow.judges import Judges
from icr.workflow.local import LocalFiles
from icr.workflow.parameters import Parameters
from icr.workflow.paths import Paths
from icr.workflow.policies import Policies
from icr.workflow.reporting import Reporting
from icr.workflow.rewardbench import RewardBenches
from icr.workflow.rivals import Rivals
from icr.workflow.work import Work


class Study:
    """The objects that rules use: policies, paths, parameters, evaluations, sizes of jobs."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.paths = Paths(config.run)
        self.policies = Policies(config, self.paths)
        self.parameters = Parameters(config, self.policies)
        self.work = Work(config, self.policies, self.parameters, self.paths)
        self.decisions = Decisions(config, self.paths, self.policies)
        self.blocks = Blocks(
            config, self.paths, self.policies, self.decisions, self.work.blocks_per_job
        )
        self.greedy = GreedyAnswers(self.paths)
        self.judges = Judges(config, self.policies)
        self.evaluations = Evaluations(config, self.paths, self.policies)
        self.rewardbench = RewardBenches(config, self.paths, self.policies)
        self.fetched = Fetched(config, self.paths, self.policies)
        self.local = LocalFiles(config, self.policies)
        self.jobs = Jobs(config, self.policies, self.blocks, self.evaluations, self.work)
        self.calibrations = Calibrations(config, self.policies, self.parameters, self.work)
        self.rivals = Rivals(
            config, self.paths, self.policies, self.blocks, self.greedy, self.evaluations, self.jobs
        )
        self.reporting = Reporting(
            self.policies, self.blocks, self.greedy, self.judges, self.evaluations
        )
