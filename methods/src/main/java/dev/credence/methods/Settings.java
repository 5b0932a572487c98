package dev.credence.methods;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a record class, as its components declare them by {@link Setting}; a component that is such a record itself
 * adds its own. From here come the method's card, what the command line takes, and the texts in files, so that a setting is
 * written down once.
 *
 * @param <S> the record class
 */
public final class Settings<S> {
    private static final ClassValue<Settings<?>> OF_CLASS = new ClassValue<>() {
        @Override
        protected Settings<?> computeValue(Class<?> type) {
            return new Settings<>(type);
        }
    };

    private final Class<S> type;
    private final List<Component> components;

    /** A component: a setting, a record of settings, or neither. */
    private record Component(
            RecordComponent of,
            String name,
            @Nullable Setting setting,
            @Nullable Settings<?> inner) {
        Object valueIn(Object settings) {
            try {
                of.getAccessor().setAccessible(true);
                return of.getAccessor().invoke(settings);
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("cannot read " + of, e);
            }
        }
    }

    private Settings(Class<S> type) {
        this.type = type;
        this.components = Arrays.stream(Objects.requireNonNull(type.getRecordComponents(), type + " is no record"))
                .map(Settings::component)
                .toList();
    }

    private static Component component(RecordComponent of) {
        Setting setting = of.getAnnotation(Setting.class);
        boolean nested = setting == null && of.getType().isRecord();
        String kebab = of.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        String name = setting == null || setting.name().isEmpty() ? kebab : setting.name();
        return new Component(of, name, setting, nested ? of(of.getType()) : null);
    }

    /**
     * Of a record class.
     *
     * @param type the class
     * @param <S> the class
     * @return its settings
     */
    @SuppressWarnings("unchecked") // of the class it was made for
    public static <S> Settings<S> of(Class<S> type) {
        return (Settings<S>) OF_CLASS.get(type);
    }

    /** Of a record. */
    @SuppressWarnings("unchecked") // a class of T's own
    static <T> Settings<T> ofSame(T record) {
        return of((Class<T>) record.getClass());
    }

    /**
     * What a compact constructor calls: each value must be in its setting's range.
     *
     * @param type the record class
     * @param values those of all components, in their order
     * @throws InputException naming the setting, its value and the rule
     */
    public static void check(Class<?> type, Object... values) {
        List<Component> components = of(type).components;
        if (values.length != components.size()) {
            throw new IllegalStateException(type + " checks " + values.length + " of " + components.size() + " values");
        }
        for (int i = 0; i < values.length; i++) {
            Setting setting = components.get(i).setting;
            OptionalDouble value = number(values[i]);
            if (setting != null && value.isPresent() && !setting.range().contains(value.getAsDouble())) {
                throw InputException.ofSetting(
                        components.get(i).name,
                        SettingText.of(value.getAsDouble()),
                        Double.isNaN(value.getAsDouble())
                                ? Range.NUMBER.rule()
                                : setting.range().rule());
            }
        }
    }

    private static OptionalDouble number(Object value) {
        if (value instanceof OptionalDouble number) {
            return number;
        } else if (value instanceof OptionalInt number) {
            return number.isPresent() ? OptionalDouble.of(number.getAsInt()) : OptionalDouble.empty();
        }
        return value instanceof Integer || value instanceof Double
                ? OptionalDouble.of(((Number) value).doubleValue())
                : OptionalDouble.empty();
    }

    /**
     * A value as text.
     *
     * @param value of a setting
     * @return what {@link #read} reads as the same value; empty for an absent one
     */
    public static String word(Object value) {
        return SettingText.of(value);
    }

    /**
     * The settings as a card lists them.
     *
     * @param standard whose values are the defaults
     * @return one a setting, in the order of the components
     */
    public List<MethodOption> options(S standard) {
        List<MethodOption> options = new ArrayList<>();
        for (Component component : components) {
            Object value = component.valueIn(standard);
            if (component.inner != null) {
                options.addAll(inner(component, value).options(value));
            } else if (component.setting != null) {
                Setting setting = component.setting;
                Optional<Range> range =
                        isNumber(component.of.getType()) ? Optional.of(setting.range()) : Optional.empty();
                options.add(new MethodOption(
                        component.name,
                        SettingText.of(value),
                        setting.help(),
                        setting.unit(),
                        range,
                        component.of.getType() == Moments.class));
            }
        }
        return List.copyOf(options);
    }

    private static boolean isNumber(Class<?> type) {
        return List.of(int.class, double.class, OptionalInt.class, OptionalDouble.class)
                .contains(type);
    }

    /**
     * Settings as text.
     *
     * @param settings the record
     * @return name to value, in the order of the components; without those that have none
     */
    public Map<String, String> write(S settings) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Component component : components) {
            Object value = component.valueIn(settings);
            if (component.inner != null) {
                texts.putAll(inner(component, value).write(value));
            } else if (component.setting != null && !isAbsent(value)) {
                texts.put(component.name, SettingText.of(value));
            }
        }
        return texts;
    }

    private static boolean isAbsent(Object value) {
        return value.equals(Optional.empty())
                || value.equals(OptionalDouble.empty())
                || value.equals(OptionalInt.empty())
                || value.equals(Moments.NONE)
                || value.equals(Demonstrations.NONE);
    }

    /**
     * Settings from text.
     *
     * @param standard has what is not given
     * @param given name to value
     * @return a changed copy
     * @throws InputException if a name is unknown, or a value breaks its rule
     */
    public S read(S standard, Map<String, String> given) {
        List<String> known = options(standard).stream().map(MethodOption::name).toList();
        given.forEach((name, value) -> {
            if (!known.contains(name)) {
                throw InputException.ofSetting(name, value, NearestName.hint(name, known));
            }
        });
        return readKnown(standard, new MethodOptions(given, RewardType.SCORE));
    }

    /** The same where names that are another's are passed over. */
    S readKnown(S standard, MethodOptions given) {
        Object[] values = new Object[components.size()];
        for (int i = 0; i < values.length; i++) {
            Component component = components.get(i);
            Object value = component.valueIn(standard);
            String text = given.values().get(component.name);
            if (component.inner != null) {
                values[i] = inner(component, value).readKnown(value, given);
            } else if (component.of.getType() == Demonstrations.class) {
                values[i] = given.demonstrations().all().isEmpty() ? value : given.demonstrations();
            } else if (component.of.getType() == Moments.class && text != null) {
                values[i] = Moments.parse(component.name, text, given.rewards());
            } else if (component.setting != null && text != null) {
                values[i] = SettingText.parse(
                        component.of.getGenericType(), component.name, text, component.setting.range());
            } else {
                values[i] = value;
            }
        }
        return made(values);
    }

    /**
     * A copy in which one component is another.
     *
     * @param settings the record
     * @param component its name in Java
     * @param value of the component's type
     * @return the copy
     * @throws InputException if the value breaks its rule
     */
    public S with(S settings, String component, Object value) {
        Object[] values = new Object[components.size()];
        boolean found = false;
        for (int i = 0; i < values.length; i++) {
            boolean here = components.get(i).of.getName().equals(component);
            values[i] = here ? value : components.get(i).valueIn(settings);
            found |= here;
        }
        if (!found) {
            throw new IllegalStateException(type + " has no component " + component);
        }
        return made(values);
    }

    @SuppressWarnings("unchecked") // a component's own class
    private static Settings<Object> inner(Component component, Object value) {
        return (Settings<Object>) Objects.requireNonNull(component.inner, () -> value + " is no record of settings");
    }

    private S made(Object[] values) {
        try {
            Class<?>[] types =
                    components.stream().map(each -> each.of.getType()).toArray(Class<?>[]::new);
            Constructor<S> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return canonical.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause; // what the compact constructor says
            }
            throw new IllegalStateException("cannot make " + type, e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make " + type, e);
        }
    }
}
