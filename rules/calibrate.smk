# How fast the site's machines are, for the plan, the time limits and the requested memory. What is
# measured is no input of any job, and resources trigger none: nothing that is finished runs again.
rule calibrate_sampling:
    output:
        paths.calibration.format(work="sampling"),
    log:
        paths.log(paths.calibration.format(work="sampling")),
    conda:
        "../envs/sampling.yaml"
    threads: calibrations.request("sampling")().cpus
    resources:
        **resources_of(calibrations.request("sampling")),
    params:
        measured=calibrations.parameters_of("sampling"),
    script:
        "../scripts/calibrate.py"


rule calibrate_scoring:
    output:
        paths.calibration.format(work="scoring"),
    log:
        paths.log(paths.calibration.format(work="scoring")),
    conda:
        "../envs/training.yaml"
    threads: calibrations.request("scoring")().cpus
    resources:
        **resources_of(calibrations.request("scoring")),
    params:
        measured=calibrations.parameters_of("scoring"),
    script:
        "../scripts/calibrate.py"


use rule calibrate_scoring as calibrate_training with:
    output:
        paths.calibration.format(work="training"),
    log:
        paths.log(paths.calibration.format(work="training")),
    threads: calibrations.request("training")().cpus
    resources:
        **resources_of(calibrations.request("training")),
    params:
        measured=calibrations.parameters_of("training"),


rule calibrate:
    input:
        rules.calibrate_sampling.output,
        rules.calibrate_scoring.output,
        rules.calibrate_training.output,
