# How fast the site's machines are, for the plan, the time limits and the requested memory. What is
# measured is no input of any job, and resources trigger none: nothing that is finished runs again.
rule calibrate_sampling:
    output:
        paths.calibration.format(work="sampling"),
    log:
        paths.log(paths.calibration.format(work="sampling")),
    conda:
        "../envs/sampling.yaml"
    threads: jobs.calibrate("sampling")().cpus
    resources:
        **resources_of(jobs.calibrate("sampling")),
    params:
        measured=jobs.calibration("sampling"),
    script:
        "../scripts/calibrate.py"


rule calibrate_scoring:
    output:
        paths.calibration.format(work="scoring"),
    log:
        paths.log(paths.calibration.format(work="scoring")),
    conda:
        "../envs/training.yaml"
    threads: jobs.calibrate("scoring")().cpus
    resources:
        **resources_of(jobs.calibrate("scoring")),
    params:
        measured=jobs.calibration("scoring"),
    script:
        "../scripts/calibrate.py"


use rule calibrate_scoring as calibrate_training with:
    output:
        paths.calibration.format(work="training"),
    log:
        paths.log(paths.calibration.format(work="training")),
    threads: jobs.calibrate("training")().cpus
    resources:
        **resources_of(jobs.calibrate("training")),
    params:
        measured=jobs.calibration("training"),


rule calibrate:
    input:
        rules.calibrate_sampling.output,
        rules.calibrate_scoring.output,
        rules.calibrate_training.output,
