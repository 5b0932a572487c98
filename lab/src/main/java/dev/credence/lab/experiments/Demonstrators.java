package dev.credence.lab.experiments;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.core.provenance.NumberText;
import dev.credence.worlds.Network;
import dev.credence.worlds.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who writes a world's texts, as settings name them: populations, mixtures of them, and those who count as an AI. */
final class Demonstrators {
    /** The key of those who count as an AI. */
    static final String AIS = "ais";

    private static final String SELF = "self";
    private static final String STANDARD_VARIABLE = "author";
    private static final Pattern SHARE = Pattern.compile("\\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)\\s*\\*\\s*(.+?)\\s*");

    private static final Pattern PLUS =
            Pattern.compile("\\s*\\+\\s*(?=[0-9.]+(?:[eE][-+]?[0-9]+)?\\s*\\*)"); // before a share

    private Demonstrators() {}

    static ExperimentKey ais() {
        return ExperimentKey.text(
                AIS,
                "",
                "who counts as an AI: a population of the world, or VARIABLE=VALUE, or several values as VARIABLE=VALUE+VALUE;"
                        + " empty for the population 'ais', or else the values 'ai' and 'mimic' of the variable 'author'");
    }

    static ExperimentKey self() {
        return ExperimentKey.text(
                SELF,
                "",
                "which author is this very model, written as in ais; empty for the population 'self', or else the value"
                        + " 'mimic' of 'author': an AI that writes as a human does");
    }

    /**
     * Values of one variable.
     *
     * @param variable its name
     * @param values positions among its values
     */
    record Authors(String variable, Set<Integer> values) {}

    /** Who counts as an AI; null where nobody was named and the world declares none. */
    static @Nullable Authors ais(Network network, ExperimentSettings settings) {
        return authors(network, settings, AIS, List.of("ai", "mimic"));
    }

    /** Which author is the model itself; null where none was named and the world declares none. */
    static @Nullable Authors self(Network network, ExperimentSettings settings) {
        return authors(network, settings, SELF, List.of("mimic"));
    }

    private static @Nullable Authors authors(
            Network network, ExperimentSettings settings, String key, List<String> standard) {
        String typed = settings.text(key).strip();
        if (!typed.isEmpty()) {
            return named(network, key, typed);
        }
        if (network.populations().contains(key)) {
            return named(network, key, key);
        }
        return network.variables().stream()
                .filter(variable -> variable.name().equals(STANDARD_VARIABLE))
                .map(variable -> new Authors(variable.name(), positions(variable, standard)))
                .filter(authors -> !authors.values.isEmpty())
                .findFirst()
                .orElse(null);
    }

    private static Set<Integer> positions(Variable variable, List<String> values) {
        Set<Integer> positions = new TreeSet<>();
        for (int i = 0; i < variable.values().size(); i++) {
            if (values.contains(variable.values().get(i))) {
                positions.add(i);
            }
        }
        return positions;
    }

    private static Authors named(Network network, String key, String typed) {
        Map<String, List<String>> members;
        int equals = typed.indexOf('=');
        if (equals < 0) {
            if (!network.populations().contains(typed)) {
                throw InputException.ofSetting(
                        key,
                        typed,
                        "it is a population, or VARIABLE=VALUE; "
                                + (network.populations().isEmpty()
                                        ? "this world names no populations"
                                        : NearestName.hint(typed, network.populations())));
            }
            members = network.members(typed);
        } else {
            members = Map.of(typed.substring(0, equals).strip(), values(typed.substring(equals + 1)));
        }
        if (members.size() != 1) {
            throw InputException.ofSetting(
                    key, typed, "it must be a population of one variable's values, not of " + members.keySet());
        }
        Map.Entry<String, List<String>> only = members.entrySet().iterator().next();
        return authors(network, key, typed, only.getKey(), only.getValue());
    }

    private static List<String> values(String typed) {
        List<String> values = new ArrayList<>();
        for (String value : typed.split("\\+", -1)) {
            values.add(value.strip());
        }
        return values;
    }

    private static Authors authors(Network network, String key, String typed, String variable, List<String> values) {
        List<String> known = network.variables().stream().map(Variable::name).toList();
        if (!known.contains(variable)) {
            throw InputException.ofSetting(
                    key, typed, "the world has no variable '" + variable + "'; " + NearestName.hint(variable, known));
        }
        Variable of = network.variables().get(known.indexOf(variable));
        for (String value : values) {
            if (!of.values().contains(value)) {
                throw InputException.ofSetting(
                        key,
                        typed,
                        "'" + variable + "' has no value '" + value + "'; " + NearestName.hint(value, of.values()));
            }
        }
        return new Authors(variable, positions(of, values));
    }

    /**
     * A population or a mixture: {@code humans}, {@code author=human}, {@code 0.9*humans + 0.1*ais}.
     *
     * @param key of the setting
     * @param typed as the user wrote it
     * @return the network of each, with its share
     */
    static Map<Network, Double> population(Network network, String key, String typed) {
        Map<String, Double> shares = new LinkedHashMap<>();
        if (network.populations().contains(typed)) {
            shares.put(typed, 1.0);
        } else {
            for (String part : PLUS.split(typed, -1)) {
                Matcher share = SHARE.matcher(part);
                boolean hasShare = share.matches();
                String name = hasShare ? share.group(2) : part.strip();
                shares.merge(name, hasShare ? share(key, typed, share.group(1)) : 1, Double::sum);
            }
        }
        double sum = shares.values().stream().mapToDouble(Double::doubleValue).sum();
        if (!(Math.abs(sum - 1) < 1e-9)) {
            throw InputException.ofSetting(
                    key, typed, "a mixture is written SHARE*POPULATION + SHARE*POPULATION; its shares add up to 1");
        }
        Map<Network, Double> networks = new LinkedHashMap<>();
        shares.forEach((name, share) -> {
            if (share > 0) {
                networks.put(given(network, key, name), share);
            }
        });
        return networks;
    }

    private static double share(String key, String typed, String number) {
        try {
            return NumberText.parse(number);
        } catch (NumberFormatException e) {
            throw InputException.ofSetting(key, typed, "'" + number + "' is no share of a population");
        }
    }

    private static Network given(Network network, String key, String name) {
        try {
            return network.given(List.of(name));
        } catch (InputException e) {
            if (e.isOfSetting()) {
                throw InputException.ofSetting(key, name, e.rule());
            }
            throw e;
        }
    }
}
