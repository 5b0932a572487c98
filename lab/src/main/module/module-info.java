/** The front door: models by name, audits, conditioning, posteriors, training, experiments. */
module dev.credence.lab {
    requires static org.jspecify;
    requires transitive dev.credence.core;
    requires transitive dev.credence.worlds;
    requires transitive dev.credence.methods;
    requires transitive dev.credence.torch;
    requires transitive dev.credence.hub;
    requires transitive dev.credence.data;
    requires transitive dev.credence.endpoint;
    requires jdk.httpserver;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.dataformat.yaml;
    requires hipparchus.core;

    exports dev.credence.lab;
    exports dev.credence.lab.audits;
    exports dev.credence.lab.conditioning;
    exports dev.credence.lab.experiments;
    exports dev.credence.lab.inputs;
    exports dev.credence.lab.models;
    exports dev.credence.lab.posteriors;
    exports dev.credence.lab.processes;
    exports dev.credence.lab.rewards;
    exports dev.credence.lab.rollouts;
    exports dev.credence.lab.runs;
    exports dev.credence.lab.serving;
    exports dev.credence.lab.training;
    exports dev.credence.lab.engines to
            dev.credence.app,
            dev.credence.spark;

    uses dev.credence.lab.engines.Engine;
    uses dev.credence.lab.experiments.Experiment;

    provides dev.credence.data.rewards.RewardKind with
            dev.credence.lab.rewards.ModelRewards;
    provides dev.credence.lab.experiments.Experiment with
            dev.credence.lab.experiments.Amplification,
            dev.credence.lab.experiments.CertifiedExperiment,
            dev.credence.lab.experiments.Continuity,
            dev.credence.lab.experiments.DecisionTransformerExperiment,
            dev.credence.lab.experiments.Elicitation,
            dev.credence.lab.experiments.FeedMeExperiment,
            dev.credence.lab.experiments.FiftyCopiesExperiment,
            dev.credence.lab.experiments.Hypothesis,
            dev.credence.lab.experiments.Imitation,
            dev.credence.lab.experiments.ImplicitKl,
            dev.credence.lab.experiments.ModeCollapse,
            dev.credence.lab.experiments.OverOptimisation,
            dev.credence.lab.experiments.Rlhf,
            dev.credence.lab.experiments.SftCopies,
            dev.credence.lab.experiments.WhichConditional;
}
