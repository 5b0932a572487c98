package dev.credence.hub.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** From the pieces of a template to what renders it. A tag that is not known is refused. */
final class TemplateParser {
    private final List<TemplateLexer.Piece> pieces;
    private int at;
    private String end = ""; // the tag that the last body ended with

    TemplateParser(String source) {
        this.pieces = new TemplateLexer(source).pieces();
    }

    Node parse() {
        return body(Set.of());
    }

    /** Nodes up to one of some tags, whose name is then in {@link #end} and whose piece has just been passed. */
    private Node body(Set<String> ends) {
        List<Node> nodes = new ArrayList<>();
        while (at < pieces.size()) {
            TemplateLexer.Piece piece = pieces.get(at++);
            if (piece.kind() == TemplateLexer.Kind.TEXT) {
                nodes.add((scope, out) -> {
                    scope.work().characters(piece.body().length());
                    out.append(piece.body());
                    return Node.Flow.ON;
                });
                continue;
            }
            TemplateWords words = words(piece);
            if (piece.kind() == TemplateLexer.Kind.OUTPUT) {
                nodes.add(output(words));
            } else if (ends.contains(words.peek().text())) {
                end = words.next().text();
                return all(nodes);
            } else {
                nodes.add(tag(words));
            }
        }
        if (!ends.isEmpty()) {
            throw new TemplateException("a tag without its " + String.join(" or ", ends));
        }
        return all(nodes);
    }

    private static TemplateWords words(TemplateLexer.Piece piece) {
        try {
            return new TemplateWords(piece.body());
        } catch (TemplateException e) {
            throw new TemplateException("line " + piece.line() + ": " + e.getMessage());
        }
    }

    private static Node all(List<Node> nodes) {
        return (scope, out) -> {
            for (Node node : nodes) {
                Node.Flow flow = node.render(scope, out);
                if (flow != Node.Flow.ON) {
                    return flow;
                }
            }
            return Node.Flow.ON;
        };
    }

    private static Expression expression(TemplateWords words) {
        Expression expression = new ExpressionParser(words).whole();
        words.end();
        return expression;
    }

    private static Node output(TemplateWords words) {
        Expression expression = expression(words);
        return (scope, out) -> {
            String text = Values.printed(expression.value(scope));
            scope.work().characters(text.length());
            out.append(text);
            return Node.Flow.ON;
        };
    }

    private Node tag(TemplateWords words) {
        String name = words.name();
        return switch (name) {
            case "if" -> choice(words);
            case "for" -> loop(words);
            case "set" -> assignment(words);
            case "macro" -> macro(words);
            case "generation" -> marked();
            case "break" -> (scope, out) -> Node.Flow.BREAK;
            case "continue" -> (scope, out) -> Node.Flow.CONTINUE;
            default -> throw new TemplateException("the tag '" + name + "' is not supported");
        };
    }

    /** What marks the assistant's words for training; it is rendered as if it were not there. */
    private Node marked() {
        return body(Set.of("endgeneration"));
    }

    private Node choice(TemplateWords words) {
        Expression condition = expression(words);
        Node then = body(Set.of("elif", "else", "endif"));
        Node otherwise = switch (end) {
            case "elif" -> choice(afterName());
            case "else" -> body(Set.of("endif"));
            default -> all(List.of());
        };
        return (scope, out) -> (Values.isTrue(condition.value(scope)) ? then : otherwise).render(scope, out);
    }

    /** The words of the tag just passed, behind its name. */
    private TemplateWords afterName() {
        TemplateWords words = words(pieces.get(at - 1));
        words.next();
        return words;
    }

    private Node loop(TemplateWords words) {
        List<String> names = new ArrayList<>(List.of(words.name()));
        while (words.takes(",")) {
            names.add(words.name());
        }
        words.expect("in");
        Expression over = new ExpressionParser(words).withoutCondition();
        Expression filter = words.takes("if") ? new ExpressionParser(words).whole() : scope -> true;
        words.end();
        Node body = body(Set.of("else", "endfor"));
        Node otherwise = end.equals("else") ? body(Set.of("endfor")) : all(List.of());
        return (scope, out) -> {
            List<Object> items = new ArrayList<>();
            Object all = over.value(scope);
            scope.work().size(all);
            for (Object item : Values.items(all)) {
                scope.work().steps(1);
                Scope inner = new Scope(scope);
                bind(inner, names, item);
                if (Values.isTrue(filter.value(inner))) {
                    items.add(item);
                }
            }
            if (items.isEmpty()) {
                return otherwise.render(scope, out);
            }
            for (int i = 0; i < items.size(); i++) {
                scope.work().steps(1);
                Scope inner = new Scope(scope);
                inner.set("loop", place(items, i));
                bind(inner, names, items.get(i));
                if (body.render(inner, out) == Node.Flow.BREAK) {
                    break;
                }
            }
            return Node.Flow.ON;
        };
    }

    private static void bind(Scope scope, List<String> names, Object item) {
        if (names.size() == 1) {
            scope.set(names.get(0), item);
            return;
        }
        List<Object> parts = Values.items(item);
        if (parts.size() != names.size()) {
            throw new TemplateException(
                    "a loop over " + names + " meets " + parts.size() + " values where it wants " + names.size());
        }
        for (int i = 0; i < names.size(); i++) {
            scope.set(names.get(i), parts.get(i));
        }
    }

    /** The variable {@code loop}. */
    private static Map<String, Object> place(List<Object> items, int i) {
        long size = items.size();
        Map<String, Object> loop = new LinkedHashMap<>();
        loop.put("index", i + 1L);
        loop.put("index0", (long) i);
        loop.put("revindex", size - i);
        loop.put("revindex0", size - i - 1);
        loop.put("first", i == 0);
        loop.put("last", i == size - 1);
        loop.put("length", size);
        loop.put("previtem", i > 0 ? items.get(i - 1) : Absent.UNDEFINED);
        loop.put("nextitem", i < size - 1 ? items.get(i + 1) : Absent.UNDEFINED);
        return loop;
    }

    private Node assignment(TemplateWords words) {
        String name = words.name();
        if (words.takes(".")) {
            String field = words.name();
            words.expect("=");
            Expression value = expression(words);
            return (scope, out) -> {
                if (!(scope.get(name) instanceof Namespace namespace)) {
                    throw new TemplateException(
                            "'" + name + "' is no namespace, so that '" + field + "' cannot be set");
                }
                namespace.put(field, value.value(scope));
                return Node.Flow.ON;
            };
        }
        if (words.takes("=")) {
            Expression value = expression(words);
            return (scope, out) -> {
                scope.set(name, value.value(scope));
                return Node.Flow.ON;
            };
        }
        words.end();
        Node body = body(Set.of("endset"));
        return (scope, out) -> {
            StringBuilder text = new StringBuilder();
            body.render(new Scope(scope), text);
            scope.set(name, text.toString());
            return Node.Flow.ON;
        };
    }

    private Node macro(TemplateWords words) {
        String name = words.name();
        Map<String, Expression> parameters = new LinkedHashMap<>();
        words.expect("(");
        while (!words.takes(")")) {
            String parameter = words.name();
            parameters.put(
                    parameter, words.takes("=") ? new ExpressionParser(words).whole() : scope -> Absent.UNDEFINED);
            if (!words.peek().is(")")) {
                words.expect(",");
            }
        }
        words.end();
        Node body = body(Set.of("endmacro"));
        List<String> names = List.copyOf(parameters.keySet());
        return (scope, out) -> {
            Function function = (positional, named) -> {
                if (positional.size() > names.size() || !parameters.keySet().containsAll(named.keySet())) {
                    throw new TemplateException("the macro '" + name + "' takes " + names);
                }
                Scope inner = new Scope(scope.root());
                parameters.forEach((parameter, value) -> inner.set(parameter, value.value(inner)));
                for (int i = 0; i < positional.size(); i++) {
                    inner.set(names.get(i), positional.get(i));
                }
                named.forEach(inner::set);
                StringBuilder text = new StringBuilder();
                body.render(inner, text);
                return text.toString();
            };
            scope.set(name, function);
            return Node.Flow.ON;
        };
    }
}
