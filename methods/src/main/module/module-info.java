/** Ways of conditioning, on tables and on any model. */
module dev.credence.methods {
    requires static org.jspecify;
    requires transitive dev.credence.core;

    exports dev.credence.methods;
    exports dev.credence.methods.rewardmodel;
    exports dev.credence.methods.training;

    uses dev.credence.methods.Conditioner;

    provides dev.credence.methods.Conditioner with
            dev.credence.methods.Tilt,
            dev.credence.methods.Prefix,
            dev.credence.methods.Rejection,
            dev.credence.methods.Poisson,
            dev.credence.methods.BestOfN,
            dev.credence.methods.Luce,
            dev.credence.methods.Resample,
            dev.credence.methods.Quantilizer,
            dev.credence.methods.Smc,
            dev.credence.methods.training.Sft,
            dev.credence.methods.training.Observation,
            dev.credence.methods.training.FeedMe,
            dev.credence.methods.training.ExpertIteration,
            dev.credence.methods.training.WeightedImitation,
            dev.credence.methods.training.TopFraction,
            dev.credence.methods.training.DecisionTransformer,
            dev.credence.methods.training.Gdc,
            dev.credence.methods.training.PolicyGradient,
            dev.credence.methods.training.NaturalGradient,
            dev.credence.methods.training.Preference,
            dev.credence.methods.training.Distil,
            dev.credence.methods.training.FDpg,
            dev.credence.methods.training.Quark;
}
