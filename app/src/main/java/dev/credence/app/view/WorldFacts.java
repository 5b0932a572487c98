package dev.credence.app.view;

import dev.credence.core.probability.TableModel;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.worlds.Network;
import dev.credence.worlds.Networks;
import dev.credence.worlds.TableWorld;
import dev.credence.worlds.TableWorlds;
import dev.credence.worlds.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The worlds that ship, for programs: the same facts on the command line and in the local page. */
public final class WorldFacts {
    private WorldFacts() {}

    /**
     * What `worlds` says of a world for programs.
     *
     * @param name of a world that ships
     * @return its fields, the file itself among them
     */
    public static Map<String, @Nullable Object> of(String name) {
        TableWorld world = TableWorlds.builtIn(name);
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("name", name);
        facts.put("prompts", world.prior().prompts().size());
        facts.put("outcomes", texts(world.prior()));
        facts.put("rewards", new ArrayList<>(world.rewardNames()));
        facts.put("policy", world.policy().isPresent());
        Networks.builtIn(name, NetworkInput.REWARDS).ifPresent(network -> addVariables(network, facts));
        facts.put("yaml", TableWorlds.builtInText(name));
        return facts;
    }

    private static void addVariables(Network network, Map<String, @Nullable Object> facts) {
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        for (Variable variable : network.variables()) {
            Map<String, @Nullable Object> of = new LinkedHashMap<>();
            of.put("hidden", variable.isHidden());
            of.put("values", variable.values());
            of.put(
                    "given",
                    variable.parents().stream()
                            .map(parent -> network.variables().get(parent).name())
                            .toList());
            variables.put(variable.name(), of);
        }
        facts.put("variables", variables);
        facts.put("populations", network.populations());
        facts.put("probes", network.probes());
    }

    /**
     * How many texts there are.
     *
     * @param prior a world's
     * @return over all prompts
     */
    public static int texts(TableModel prior) {
        return prior.prompts().stream()
                .mapToInt(prompt -> prior.given(prompt).size())
                .sum();
    }
}
