package dev.credence.worlds;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A world as a finite Bayesian network whose visible variables render to text and whose hidden ones do not. Immutable; what
 * is asked of it is answered exactly, and a table of all texts is made only where it is wanted.
 */
public final class Network {
    /**
     * What a network is made of beside its variables.
     *
     * @param template how a text is made
     * @param rewards by name
     * @param populations named events
     * @param prompts at least one; the only one may be empty
     * @param probes named lists of visible variables
     */
    record Parts(
            Template template,
            Map<String, NetworkReward> rewards,
            Map<String, Event> populations,
            Map<String, NetworkPrompt> prompts,
            Map<String, List<Integer>> probes) {}

    private final String file;
    private final List<Variable> variables; // parents before children
    private final Parts parts;
    private final Event population; // what all texts are of

    Network(String file, List<Variable> variables, Parts parts, Event population) {
        this.file = file;
        this.variables = List.copyOf(variables);
        this.parts = parts;
        this.population = population;
    }

    /** {@return its variables, parents before children} */
    public List<Variable> variables() {
        return variables;
    }

    /** {@return the rewards' names, in the file's order} */
    public List<String> rewardNames() {
        return new ArrayList<>(parts.rewards.keySet());
    }

    /** {@return the populations' names} */
    public List<String> populations() {
        return new ArrayList<>(parts.populations.keySet());
    }

    /**
     * Who a population is.
     *
     * @param name one of {@link #populations()}
     * @return variable to the values it allows
     * @throws InputException if there is no such population
     */
    public Map<String, List<String>> members(String name) {
        Map<String, List<String>> members = new LinkedHashMap<>();
        population(name).allowed().forEach((id, values) -> {
            Variable variable = variables.get(id);
            members.put(
                    variable.name(),
                    values.stream().mapToObj(variable.values()::get).toList());
        });
        return members;
    }

    /**
     * What a reward reads.
     *
     * @param reward a name
     * @return names of variables; none for rewards of the text, and where there is none of the name
     */
    public List<String> variablesOf(String reward) {
        NetworkReward found = parts.rewards.get(reward);
        return found == null
                ? List.of()
                : found.of().stream().map(id -> variables.get(id).name()).toList();
    }

    /**
     * What a probe asks.
     *
     * @param probe a name
     * @return names of variables; none where there is none of the name
     */
    public List<String> variablesOfProbe(String probe) {
        return parts.probes.getOrDefault(probe, List.of()).stream()
                .map(id -> variables.get(id).name())
                .toList();
    }

    /** {@return names of the variables that every text shows, each once, in the order they stand} */
    public List<String> shown() {
        return parts.template.variables().stream()
                .distinct()
                .map(id -> variables.get(id).name())
                .toList();
    }

    /** {@return the prompts; the empty one where the file names none} */
    public List<String> prompts() {
        return new ArrayList<>(parts.prompts.keySet());
    }

    /** {@return the probes' names} */
    public List<String> probes() {
        return new ArrayList<>(parts.probes.keySet());
    }

    /**
     * The share of a prompt, before shares are made to sum to one.
     *
     * @param prompt one of {@link #prompts()}
     * @return a positive number
     */
    public double weight(String prompt) {
        return prompt(prompt).weight();
    }

    /**
     * Whether a reward is a table over variables, so that no text need be looked at.
     *
     * @param reward a name
     * @return false for rewards of the text, and where there is none of the name
     */
    public boolean isOfVariables(String reward) {
        NetworkReward found = parts.rewards.get(reward);
        return found != null && !found.isOfText();
    }

    /** {@return assignments of the variables that texts and rewards show; the largest long where there are more} */
    public long assignments() {
        return Factor.cells(Projection.textScope(this).stream()
                .mapToInt(id -> variables.get(id).values().size())
                .toArray());
    }

    /** {@return whether its texts can be written down: {@link #table} and {@link Projection#ofTexts} work} */
    public boolean isEnumerable() {
        return assignments() <= Projection.MOST;
    }

    /**
     * All texts with their masses and rewards; assignments that render alike are one text.
     *
     * @return the table
     * @throws InputException if there are too many, or a reward differs between assignments that render alike
     */
    public TableWorld table() {
        return Projection.ofTexts(this, List.of()).world();
    }

    /**
     * Another population: a variable is fixed, whatever it depends on, and all else follows ({@code author=human}); or all
     * texts are of a population by its name.
     *
     * @param given {@code VARIABLE=VALUE} or a population's name, all at once
     * @return the network of that population
     * @throws InputException if there is no such name, or one contradicts another
     */
    public Network given(List<String> given) {
        List<Variable> changed = new ArrayList<>(variables);
        Event event = population;
        Map<Integer, Integer> fixed = new LinkedHashMap<>();
        for (String each : given) {
            if (each.indexOf('=') < 0) {
                event = event.and(population(each));
                continue;
            }
            Event assignment = names().assignments("given", List.of(each));
            int variable = assignment.allowed().keySet().iterator().next();
            int value = assignment.allowed().values().iterator().next().nextSetBit(0);
            Integer before = fixed.put(variable, value);
            if (before != null && before != value) {
                throw InputException.ofSetting("given", each, "the variable is fixed to another value already");
            }
            changed.set(variable, changed.get(variable).fixed(value));
        }
        Network network = new Network(file, changed, parts, event);
        if (!Inference.prior(network, "", event).isPossible()) {
            throw InputException.ofSetting("given", String.join(", ", given), "the network gives it probability 0");
        }
        return network;
    }

    /**
     * What it says under a prompt.
     *
     * @param prompt one of {@link #prompts()}
     * @return the prior
     * @throws InputException if the prompt has probability 0
     */
    public Inference prior(String prompt) {
        NetworkPrompt of = prompt(prompt);
        Inference prior = Inference.prior(this, prompt, population.and(of.event()));
        if (!prior.isPossible()) {
            throw new InputException(
                    file,
                    of.event().line(),
                    "prompts." + prompt,
                    "of probability 0",
                    "a prompt is something that can happen, in the population that is given too");
        }
        return prior;
    }

    private NetworkPrompt prompt(String name) {
        NetworkPrompt prompt = parts.prompts.get(name);
        if (prompt == null) {
            throw InputException.ofSetting(
                    "prompt",
                    "'" + name + "'",
                    "the world has no such prompt; " + NearestName.hint(name, parts.prompts.keySet()));
        }
        return prompt;
    }

    private Event population(String name) {
        Event event = parts.populations.get(name);
        if (event == null) {
            String rule = parts.populations.isEmpty()
                    ? "it is VARIABLE=VALUE; this world names no populations"
                    : "it is VARIABLE=VALUE or a population; " + NearestName.hint(name, parts.populations.keySet());
            throw InputException.ofSetting("given", name, rule);
        }
        return event;
    }

    String file() {
        return file;
    }

    VariableNames names() {
        return new VariableNames(variables);
    }

    Template template() {
        return parts.template;
    }

    Map<String, NetworkReward> rewards() {
        return parts.rewards;
    }

    Map<String, List<Integer>> probeVariables() {
        return parts.probes;
    }
}
