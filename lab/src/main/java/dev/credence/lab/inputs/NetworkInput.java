package dev.credence.lab.inputs;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.worlds.Network;
import dev.credence.worlds.Networks;
import dev.credence.worlds.TableWorlds;
import dev.credence.worlds.TextRewards;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A world that is a Bayesian network, as a user names it. As a table of texts it is a {@link WorldInput}.
 *
 * @param network the network
 * @param input its name and hash
 */
public record NetworkInput(Network network, Provenance.Input input) {
    /** Rewards of a network's texts: the expressions that every reward of a text is written in. */
    public static final TextRewards REWARDS = NetworkInput::ofText;

    /**
     * Reads a world, if it is a network.
     *
     * @param argument a file's name, or one that ships with Credence
     * @return the network; none for a table
     * @throws InputException if there is none, or it breaks a rule
     */
    public static Optional<NetworkInput> read(String argument) {
        if (WorldInput.isBuiltIn(argument)) {
            Provenance.Input input = Inputs.of("builtin:" + argument, TableWorlds.builtInText(argument));
            return Networks.builtIn(argument, REWARDS).map(network -> new NetworkInput(network, input));
        }
        Path file = WorldInput.file(argument);
        return Networks.read(file, REWARDS).map(network -> new NetworkInput(network, Inputs.of(file)));
    }

    /** A class of the user's is not called before there is a text; all else is tried, for what no world's text has. */
    private static RewardFunction ofText(String expression) {
        RewardExpression reward = RewardExpression.parse(expression);
        if (!expression.contains("class:")) {
            reward.reward("", "");
        }
        return reward;
    }
}
