package dev.credence.bench.speed;

import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.conditioning.PolicyTraining;
import dev.credence.lab.models.OpenModel;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a policy is tuned on, here and by the peer.
 *
 * @param name of the folder of the cases
 * @param prompts all of equal weight
 * @param horizon tokens after which texts are cut
 * @param beta KL coefficient
 * @param reward here
 * @param peerReward the same reward's name in the peer
 */
record MethodsTask(String name, List<String> prompts, int horizon, double beta, String reward, String peerReward) {
    static final MethodsTask LETTERS =
            new MethodsTask("letters", List.of("", "t", "s", "ha"), 5, 0.5, "0.5*count:[aeiou]", "vowels");
    static final MethodsTask PLAYS = new MethodsTask(
            "plays",
            List.of(
                    "ROMEO:\n",
                    "JULIET:\n",
                    "GLOUCESTER:\n",
                    "MENENIUS:\n",
                    "PETRUCHIO:\n",
                    "ISABELLA:\n",
                    "KING RICHARD III:\n",
                    "LEONTES:\n"),
            24,
            0.05,
            "min(1,0.5*count:(?i)(?<![a-z'])(love|sweet|good|dear|gentle|joy|fair|kind|noble|grace|happy|friend|peace|heaven)"
                    + "(?![a-z']))",
            "warmth");

    /** Copies the prompts. */
    MethodsTask {
        prompts = List.copyOf(prompts);
    }

    /**
     * How a run trains.
     *
     * @param method here and in the peer
     * @param samples completions of a prompt a step
     * @param rate learning rate
     * @param cosine steps in which it falls to 0 along a cosine; 0: it stays
     */
    record Setting(String method, int samples, double rate, int cosine) {
        Optimiser optimiser() {
            return Optimiser.adamW(cosine == 0 ? LearningRate.constant(rate) : LearningRate.cosine(rate, 0, cosine, 0));
        }

        @Override
        public String toString() {
            return method + ", " + samples + " a prompt, rate " + rate + (cosine == 0 ? "" : ", cosine of " + cosine);
        }
    }

    RewardExpression expression() {
        return RewardExpression.parse(reward);
    }

    /** A training of a policy by our method. */
    Training begin(OpenModel prior, TrainablePolicy policy, Setting setting) {
        Map<String, Double> weights = new LinkedHashMap<>();
        prompts.forEach(prompt -> weights.put(prompt, 1.0));
        PolicyTraining training = new PolicyTraining(prior, weights, BeginToken.YES, expression(), horizon);
        TrainedConditioner method = (TrainedConditioner) Methods.byName(setting.method());
        return method.begin(
                policy,
                training.task(),
                MethodOptions.none().with("beta", beta).with("samples", setting.samples()),
                new TrainingSettings(Math.max(1, setting.cosine()), setting.samples(), setting.optimiser(), false, 0));
    }
}
