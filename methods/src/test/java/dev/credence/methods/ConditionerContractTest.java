package dev.credence.methods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.methods.training.TrainedConditioner;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method that is found keeps the contract, under settings that run it to its limit. */
@ParameterizedClass
@ValueSource(
        strings = {
            "tilt",
            "prompt prompt=x1",
            "rejection",
            "poisson beta=0.25",
            "best-of-n",
            "luce n=3",
            "resample n=4",
            "quantilizer q=0.3",
            "smc particles=2000000000 beta=0.7", // its limit is in the number of particles
            "twisted-smc particles=3",
            "sft observation=x1",
            "observation",
            "feedme",
            "filtered-sft",
            "expert-iteration rounds=2 n=2",
            "rwr",
            "awr",
            "top-fraction",
            "decision-transformer level=0..1",
            "gdc moment=1.2",
            "reinforce",
            "rloo",
            "ppo",
            "grpo",
            "dr-grpo",
            "dapo kl=loss:k3",
            "natural-gradient",
            "dpo",
            "ipo",
            "kto",
            "distil",
            "f-dpg",
            "quark"
        })
class ConditionerContractTest extends ConditionerContract {
    private static final Set<String> SEEN = new TreeSet<>();

    private final Conditioner method;
    private final MethodOptions options;

    ConditionerContractTest(String setting) {
        String[] words = setting.split(" ", -1);
        method = Methods.byName(words[0]);
        boolean runs = method instanceof TrainedConditioner && !words[0].equals("natural-gradient");
        MethodOptions given = runs ? MethodOptions.none().with("population", "true") : MethodOptions.none();
        for (String word : words) {
            int equals = word.indexOf('=');
            given = equals > 0 ? given.with(word.substring(0, equals), word.substring(equals + 1)) : given;
        }
        options = given;
        SEEN.add(method.card().name());
    }

    @Override
    protected Conditioner method() {
        return method;
    }

    @Override
    protected MethodOptions options() {
        return options;
    }

    /** Raters ask for the probability of an approval. */
    @Override
    protected RewardFunction reward(RewardFunction reward) {
        return method instanceof Poisson ? (prompt, text) -> 1 / (1 + Math.exp(-reward.reward(prompt, text))) : reward;
    }

    @AfterAll
    static void everyMethodWasHere() {
        Stream<String> all = Methods.all().stream().map(found -> found.card().name());
        assertThat(SEEN).containsAll(all.toList());
    }
}
