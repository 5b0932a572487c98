package dev.credence.methods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.TableModel;
import org.junit.jupiter.api.Test;

/**
 * What every conditioner must do: describe itself, hold no state, and reach the limit that it states. A method's own test
 * inherits it.
 */
public abstract class ConditionerContract {
    private static final int WORLDS = 8;

    /** {@return the method} */
    protected abstract Conditioner method();

    /** {@return options under which it runs to its limit} */
    protected abstract MethodOptions options();

    /**
     * The reward that the suite conditions on.
     *
     * @param reward of a world, any numbers
     * @return the same, unless the method asks for rewards of another kind
     */
    protected RewardFunction reward(RewardFunction reward) {
        return reward;
    }

    /** {@return how far a probability may be from the limit's} */
    protected double tolerance() {
        return 1e-6;
    }

    /** Name, summary, source and every option's help are there. */
    @Test
    public final void describesItself() {
        MethodCard card = method().card();
        assertThat(card.name()).matches("[a-z][a-z0-9-]*");
        assertThat(card.summary()).isNotBlank();
        assertThat(card.reference()).isNotBlank();
        assertThat(card.options()).allSatisfy(option -> {
            assertThat(option.name()).matches("[a-z][a-z-]*");
            assertThat(option.help()).isNotBlank();
        });
        Aim aim = method().aim(options());
        assertThat(aim.evidence()).isNotBlank();
        assertThat(aim.divergence()).isNotBlank();
    }

    /** On t1 the policy reached is the limit stated. */
    @Test
    public final void reachesItsLimitOnT1() {
        reaches(TableModel.of(TestWorlds.T1), reward(TestWorlds.reward(TestWorlds.t1Rewards())), "t1");
    }

    /** On random worlds too, where there is anything to condition on. */
    @Test
    public final void reachesItsLimitOnRandomWorlds() {
        int conditioned = 0;
        for (long seed = 0; seed < WORLDS; seed++) {
            RandomWorld world = RandomWorld.of(seed);
            conditioned += reaches(TableModel.of(world.prior()), reward(world.reward()), "world " + seed) ? 1 : 0;
        }
        assertThat(conditioned).as("worlds with a posterior").isPositive();
    }

    /** Asked twice it answers the same. */
    @Test
    public final void holdsNoState() {
        int asked = 0;
        for (long seed = 0; seed < WORLDS && asked < 2; seed++) {
            RandomWorld world = RandomWorld.of(seed);
            TableModel prior = TableModel.of(world.prior());
            RewardFunction reward = reward(world.reward());
            Conditioner method = method();
            double[] first;
            try {
                first = method.condition(prior, reward, options())
                        .policy()
                        .given("")
                        .probabilities();
            } catch (NoPosteriorException e) {
                continue;
            }
            double[] second = method.condition(prior, reward, options())
                    .policy()
                    .given("")
                    .probabilities();
            assertThat(second).containsExactly(first);
            asked++;
        }
        assertThat(asked).as("worlds with a posterior").isPositive();
    }

    private boolean reaches(TableModel prior, RewardFunction reward, String world) {
        Aim aim = method().aim(options());
        if (!aim.hasLimit()) {
            return true;
        }
        double[] limit;
        try {
            limit = aim.limit(prior, reward).given("").probabilities();
        } catch (NoPosteriorException e) {
            return false;
        }
        double[] got =
                method().condition(prior, reward, options()).policy().given("").probabilities();
        for (int i = 0; i < limit.length; i++) {
            assertThat(Math.abs(got[i] - limit[i])).as(world + ", outcome " + i).isLessThanOrEqualTo(tolerance());
        }
        return true;
    }
}
