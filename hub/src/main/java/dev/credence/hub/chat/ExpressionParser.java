package dev.credence.hub.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;

/** From words to an expression, by the language's own order of precedence. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> RESERVED = Set.of("and", "or", "not", "else", "if", "is", "in");

    private final TemplateWords words;

    ExpressionParser(TemplateWords words) {
        this.words = words;
    }

    /** An expression, which may choose between two. */
    Expression whole() {
        Expression first = withoutCondition();
        while (words.takes("if")) {
            Expression then = first;
            Expression condition = withoutCondition();
            Expression otherwise = words.takes("else") ? whole() : scope -> Absent.UNDEFINED;
            first = scope -> Values.isTrue(condition.value(scope)) ? then.value(scope) : otherwise.value(scope);
        }
        return first;
    }

    Expression withoutCondition() {
        Expression left = conjunction();
        while (words.takes("or")) {
            Expression first = left;
            Expression second = conjunction();
            left = scope -> {
                Object value = first.value(scope);
                return Values.isTrue(value) ? value : second.value(scope);
            };
        }
        return left;
    }

    private Expression conjunction() {
        Expression left = negation();
        while (words.takes("and")) {
            Expression first = left;
            Expression second = negation();
            left = scope -> {
                Object value = first.value(scope);
                return Values.isTrue(value) ? second.value(scope) : value;
            };
        }
        return left;
    }

    private Expression negation() {
        if (words.takes("not")) {
            Expression negated = negation();
            return scope -> !Values.isTrue(negated.value(scope));
        }
        return comparison();
    }

    private Expression comparison() {
        Expression left = sum();
        Expression result = left;
        for (boolean first = true; ; first = false) {
            boolean negated = words.peek().is("not") && words.peek(1).is("in");
            String sign = negated ? "in" : words.peek().text();
            boolean compares = words.peek().kind() == TemplateWords.Kind.SIGN && COMPARISONS.contains(sign);
            if (!compares && !words.peek().is("in") && !negated) {
                return result;
            }
            if (!first) {
                throw new TemplateException("comparisons in a chain are not supported");
            }
            words.next();
            if (negated) {
                words.next();
            }
            Expression right = sum();
            result = compares
                    ? scope -> Values.compare(sign, left.value(scope), right.value(scope), scope.work())
                    : scope -> Values.contains(right.value(scope), left.value(scope), scope.work()) != negated;
        }
    }

    private Expression sum() {
        Expression left = joined();
        while (words.peek().is("+") || words.peek().is("-")) {
            left = words.next().text().equals("+")
                    ? both(left, joined(), Values::plus)
                    : both(left, joined(), (a, b) -> Values.arithmetic("-", a, b));
        }
        return left;
    }

    private Expression joined() {
        Expression left = product();
        while (words.takes("~")) {
            left = both(left, product(), (a, b) -> Values.printed(a) + Values.printed(b));
        }
        return left;
    }

    private Expression product() {
        Expression left = signed();
        while (words.peek().is("*")
                || words.peek().is("/")
                || words.peek().is("//")
                || words.peek().is("%")) {
            String sign = words.next().text();
            left = both(left, signed(), (a, b) -> Values.arithmetic(sign, a, b));
        }
        return left;
    }

    private static Expression both(Expression left, Expression right, BinaryOperator<Object> operator) {
        return scope -> {
            Object first = left.value(scope);
            Object second = right.value(scope);
            scope.work().size(first);
            scope.work().size(second);
            return operator.apply(first, second);
        };
    }

    private Expression signed() {
        if (words.takes("-")) {
            Expression negated = followed(primary());
            return filtered(scope -> Values.arithmetic("-", 0L, negated.value(scope)));
        }
        return filtered(followed(primary()));
    }

    private Expression primary() {
        TemplateWords.Word word = words.next();
        return switch (word.kind()) {
            case TEXT -> text(word.text());
            case NUMBER -> number(word.text());
            case NAME -> name(word.text());
            case SIGN ->
                switch (word.text()) {
                    case "(" -> grouped();
                    case "[" -> list("]");
                    case "{" -> map();
                    default -> throw new TemplateException("'" + word.text() + "' is not supported there");
                };
            case END -> throw new TemplateException("an expression is not complete");
        };
    }

    private Expression text(String first) {
        StringBuilder text = new StringBuilder(first);
        while (words.peek().kind() == TemplateWords.Kind.TEXT) {
            text.append(words.next().text());
        }
        return scope -> text.toString();
    }

    private static Expression number(String digits) {
        String plain = digits.replace("_", "");
        Object value;
        try {
            value = plain.matches("[0-9]+") ? (Object) Long.valueOf(plain) : Double.valueOf(plain);
        } catch (NumberFormatException e) {
            throw new TemplateException("the number " + digits + " is too large, or none");
        }
        return scope -> value;
    }

    private static Expression name(String name) {
        if (RESERVED.contains(name)) {
            throw new TemplateException("'" + name + "' stands where a value is expected");
        }
        return switch (name) {
            case "true", "True" -> scope -> true;
            case "false", "False" -> scope -> false;
            case "none", "None" -> scope -> Absent.NONE;
            default -> scope -> scope.get(name);
        };
    }

    private Expression grouped() {
        Expression first = whole();
        if (words.takes(")")) {
            return first;
        }
        words.expect(",");
        Expression rest = list(")");
        return scope -> {
            List<Object> values = new ArrayList<>(List.of(first.value(scope)));
            values.addAll(Values.items(rest.value(scope)));
            return values;
        };
    }

    private Expression list(String close) {
        List<Expression> parts = new ArrayList<>();
        while (!words.takes(close)) {
            parts.add(whole());
            if (!words.peek().is(close)) {
                words.expect(",");
            }
        }
        return scope -> {
            scope.work().steps(1 + parts.size());
            List<Object> values = new ArrayList<>();
            parts.forEach(part -> values.add(part.value(scope)));
            return values;
        };
    }

    private Expression map() {
        Map<Expression, Expression> parts = new LinkedHashMap<>();
        while (!words.takes("}")) {
            Expression key = whole();
            words.expect(":");
            parts.put(key, whole());
            if (!words.peek().is("}")) {
                words.expect(",");
            }
        }
        return scope -> {
            Map<Object, Object> values = new LinkedHashMap<>();
            parts.forEach((key, value) -> {
                Object known = key.value(scope);
                Values.checkKey(known);
                values.put(known, value.value(scope));
            });
            return values;
        };
    }

    /** A value with its fields, items and calls. */
    private Expression followed(Expression value) {
        Expression left = value;
        while (true) {
            Expression owner = left;
            if (words.takes(".")) {
                String name = words.name();
                left = words.peek().is("(") ? method(owner, name) : scope -> Values.field(owner.value(scope), name);
            } else if (words.takes("[")) {
                left = item(owner);
            } else if (words.peek().is("(")) {
                Arguments arguments = arguments();
                left = scope -> {
                    if (owner.value(scope) instanceof Function function) {
                        return scope.work().made(function.call(arguments.positional(scope), arguments.named(scope)));
                    }
                    throw new TemplateException("a function that it calls is not supported");
                };
            } else {
                return left;
            }
        }
    }

    private Expression method(Expression owner, String name) {
        Arguments arguments = arguments();
        return scope -> {
            Object value = owner.value(scope);
            Object field = value instanceof Namespace || value instanceof Map ? Values.field(value, name) : value;
            return field instanceof Function function
                    ? function.call(arguments.positional(scope), arguments.named(scope))
                    : TemplateMethods.call(
                            value, name, arguments.positional(scope), arguments.named(scope), scope.work());
        };
    }

    private Expression item(Expression owner) {
        Expression[] bounds = new Expression[3];
        int part = 0;
        boolean slices = false;
        while (!words.takes("]")) {
            if (words.takes(":")) {
                slices = true;
                part++;
            } else if (part < bounds.length && bounds[part] == null) {
                bounds[part] = whole();
            } else {
                part = bounds.length;
            }
            if (part >= bounds.length) {
                throw new TemplateException(
                        "between [ and ] stand one value, or up to three with a colon between them");
            }
        }
        Expression[] given = new Expression[3];
        for (int i = 0; i < given.length; i++) {
            Expression bound = bounds[i];
            given[i] = bound == null ? scope -> Absent.NONE : bound;
        }
        if (slices) {
            return scope -> {
                Object all = owner.value(scope);
                scope.work().size(all);
                return scope.work()
                        .made(Values.slice(all, given[0].value(scope), given[1].value(scope), given[2].value(scope)));
            };
        }
        return scope -> {
            Object all = owner.value(scope);
            if (all instanceof String) {
                scope.work().size(all);
            }
            return Values.item(all, given[0].value(scope));
        };
    }

    /** What a call is given. */
    private record Arguments(List<Expression> positional, Map<String, Expression> named) {
        List<Object> positional(Scope scope) {
            List<Object> values = new ArrayList<>();
            positional.forEach(argument -> values.add(argument.value(scope)));
            return values;
        }

        Map<String, Object> named(Scope scope) {
            Map<String, Object> values = new LinkedHashMap<>();
            named.forEach((name, argument) -> values.put(name, argument.value(scope)));
            return values;
        }
    }

    private Arguments arguments() {
        Arguments arguments = new Arguments(new ArrayList<>(), new LinkedHashMap<>());
        words.expect("(");
        while (!words.takes(")")) {
            if (words.peek().kind() == TemplateWords.Kind.NAME && words.peek(1).is("=")) {
                String name = words.name();
                words.expect("=");
                arguments.named().put(name, whole());
            } else {
                arguments.positional().add(whole());
            }
            if (!words.peek().is(")")) {
                words.expect(",");
            }
        }
        return arguments;
    }

    /** Filters and tests behind a value. */
    private Expression filtered(Expression value) {
        Expression left = value;
        while (true) {
            Expression input = left;
            if (words.takes("|")) {
                String name = words.name();
                Arguments arguments = words.peek().is("(") ? arguments() : new Arguments(List.of(), Map.of());
                Filters.check(name);
                left = scope -> Filters.apply(
                        name, input.value(scope), arguments.positional(scope), arguments.named(scope), scope.work());
            } else if (words.takes("is")) {
                boolean negated = words.takes("not");
                String name = words.name();
                List<Expression> arguments = testArguments();
                Tests.check(name);
                left = scope -> {
                    List<Object> values = new ArrayList<>();
                    arguments.forEach(argument -> values.add(argument.value(scope)));
                    return Tests.holds(name, input.value(scope), values, scope.work()) != negated;
                };
            } else {
                return left;
            }
        }
    }

    private List<Expression> testArguments() {
        if (words.peek().is("(")) {
            return arguments().positional();
        }
        TemplateWords.Word next = words.peek();
        boolean argument = next.kind() == TemplateWords.Kind.TEXT
                || next.kind() == TemplateWords.Kind.NUMBER
                || next.is("[")
                || (next.kind() == TemplateWords.Kind.NAME && !RESERVED.contains(next.text()));
        return argument ? List.of(followed(primary())) : List.of();
    }
}
