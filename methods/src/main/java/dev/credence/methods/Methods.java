package dev.credence.methods;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;

/** The methods there are, those of other jars on the class path included. */
public final class Methods {
    /** The setting by which a method that draws on tables enumerates its expectations there instead. */
    public static final String POPULATION = "population";

    private static final String SEED = "seed";

    private Methods() {}

    /** {@return every method, in the order their jars list them} */
    public static List<Conditioner> all() {
        List<Conditioner> all = new ArrayList<>();
        ServiceLoader.load(Conditioner.class).forEach(method -> all.addAll(method.presets()));
        return all;
    }

    /**
     * A method by name.
     *
     * @param name its name or an alias
     * @return the method
     * @throws InputException if there is none of that name
     */
    public static Conditioner byName(String name) {
        List<String> names = new ArrayList<>();
        for (Conditioner method : all()) {
            if (method.card().name().equals(name) || method.card().aliases().contains(name)) {
                return method;
            }
            names.add(method.card().name());
        }
        throw InputException.ofSetting("method", name, NearestName.hint(name, names));
    }

    /**
     * Several methods.
     *
     * @param names separated by commas
     * @return the methods, in that order
     * @throws InputException if one is unknown
     */
    public static List<Conditioner> byNames(String names) {
        List<Conditioner> methods = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            methods.add(byName(name.strip()));
        }
        return methods;
    }

    /**
     * Checks that every option given belongs to one of the methods.
     *
     * @param options as given
     * @param methods the methods they are meant for
     * @throws InputException if one belongs to none of them
     */
    public static void requireKnown(MethodOptions options, Collection<Conditioner> methods) {
        TreeSet<String> known = new TreeSet<>();
        methods.forEach(method -> method.card().options().forEach(option -> known.add(option.name())));
        for (String name : new TreeSet<>(options.values().keySet())) {
            if (!known.contains(name)) {
                String value = options.values().getOrDefault(name, "");
                String rule = known.isEmpty() ? "these methods take no options" : NearestName.hint(name, known);
                throw InputException.ofSetting(name, value, "no method named here has it; " + rule);
            }
        }
    }

    /**
     * Whether a method has no setting {@value #POPULATION} because its policy on a table is the exact law of its procedure anyway, and
     * draws nothing.
     *
     * @param method any
     * @return whether it works on tables and has neither that setting nor a seed
     */
    public static boolean isEnumerated(Conditioner method) {
        return method instanceof Conditioner.OnTables && !has(method, POPULATION) && !has(method, SEED);
    }

    /** Whether expectations are to be enumerated by a method that has no setting for it. */
    static boolean isAskedToEnumerate(Conditioner method, MethodOptions given) {
        return "true".equals(given.values().get(POPULATION)) && !has(method, POPULATION);
    }

    private static boolean has(Conditioner method, String setting) {
        return method.card().options().stream().anyMatch(option -> option.name().equals(setting));
    }
}
