package dev.credence.app.demo;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.data.rewards.NamedReward;
import dev.credence.lab.conditioning.Answer;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.util.ArrayList;
import java.util.List;

/** The world t1, asked for one copy of its reward, conditioned in every way that differs. */
final class DemoWorld {
    private static final double BETA = 1;

    private final Answer.Asked asked;
    private final long seed;

    DemoWorld(WorldInput world, long seed) {
        NamedReward reward = world.reward("reward", null);
        this.asked = new Answer.Asked(world.world().prior(), reward.name(), reward.function(), BETA, RewardType.SCORE);
        this.seed = seed;
    }

    Answer.Asked asked() {
        return asked;
    }

    List<Answer> run() {
        MethodOptions none = MethodOptions.none();
        double highest = highestReward();
        List<Answer> runs = new ArrayList<>();
        runs.add(run("tilt", none.with("beta", BETA)).named("posterior tilt"));
        runs.add(run("rejection", none.with("beta", BETA)).named("rejection"));
        runs.add(raters(highest).named("Poisson raters"));
        runs.add(run("luce", none.with("n", 8)).named("Luce pool of 8"));
        runs.add(run("luce", none.with("n", 1000)).named("Luce pool of 1000"));
        runs.add(run("best-of-n", none.with("n", 4)).named("best of 4"));
        runs.add(run("best-of-n", none.with("n", 16)).named("best of 16"));
        runs.add(run("quantilizer", none.with("q", 0.25)).named("quantilizer, top 25 %"));
        runs.add(run("feedme", none.with("threshold", 2)).named("hard filter, reward ≥ 2"));
        runs.add(run("expert-iteration", none.with("beta", BETA).with("rounds", 5))
                .named("soft filter, 5 rounds"));
        MethodOptions mixed = none.with("beta", BETA).with("prior-share", 0.3);
        runs.add(run("expert-iteration", mixed).named("soft filter, 30 % prior"));
        runs.add(run("decision-transformer", none.with("level", highest)).named("best return asked for"));
        runs.add(run("gdc", none.with("moment", 2)).named("mean reward of 2"));
        return runs;
    }

    private Answer run(String method, MethodOptions options) {
        return Answer.of(Methods.byName(method), options, asked.reward(), asked, seed);
    }

    /** A copy of a reward up to R is R raters who each approve with probability r/R: reading (b). */
    private Answer raters(double highest) {
        RewardFunction approval = (prompt, text) -> asked.reward().reward(prompt, text) / highest;
        MethodOptions options =
                MethodOptions.none().with(RewardType.PROBABILITY).with("beta", BETA / highest);
        return Answer.of(Methods.byName("poisson"), options, approval, asked, seed);
    }

    private double highestReward() {
        TableModel prior = asked.prior();
        double highest = Double.NEGATIVE_INFINITY;
        for (String prompt : prior.prompts()) {
            Distribution outcomes = prior.given(prompt);
            for (double reward : asked.reward().rewards(prompt, outcomes)) {
                highest = Math.max(highest, reward);
            }
        }
        return highest;
    }
}
