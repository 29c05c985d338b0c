"""How the patches replace functions of the emulator."""

import functools
import inspect


def wrap(owner, name, wrapper):
    """Replaces `owner.name` by `wrapper(original, *arguments)`; `owner` is a module, class or dictionary."""
    original = owner[name] if isinstance(owner, dict) else getattr(owner, name)

    @functools.wraps(original)
    def replacement(*args, **kwargs):
        return wrapper(original, *args, **kwargs)

    if isinstance(owner, dict):
        owner[name] = replacement
    else:
        setattr(owner, name, replacement)


def rewrite(module, name, replacements):
    """Replaces texts in the source of `module.name`. Each must occur once: another version may differ."""
    source = inspect.getsource(getattr(module, name))
    for old, new in replacements.items():
        if source.count(old) != 1:
            raise LookupError(f"{module.__name__}.{name} has {source.count(old)} times: {old}")
        source = source.replace(old, new)
    exec(compile(source, f"<{module.__name__}.{name}, rewritten>", "exec"), vars(module))


def after_provisioning(resource_type, finish):
    """Calls `finish(physical_id, properties)` after CloudFormation has created or updated such a resource."""
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS[resource_type]

    def create(original, logical_id, properties, stack):
        result = original(logical_id, properties, stack)
        finish(result[0], properties)
        return result

    def update(original, physical_id, old, new, *rest, **more):
        result = original(physical_id, old, new, *rest, **more)
        finish(result[0], new)
        return result

    wrap(handlers, "create", create)
    wrap(handlers, "update", update)


def before_provisioning(resource_type, prepare):
    """Passes the properties of such a resource through `prepare(properties)` before CloudFormation uses them."""
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS[resource_type]
    wrap(
        handlers,
        "create",
        lambda original, logical_id, properties, stack: original(logical_id, prepare(properties), stack),
    )
    wrap(
        handlers,
        "update",
        lambda original, physical_id, old, new, *rest, **more: original(
            physical_id, prepare(old), prepare(new), *rest, **more
        ),
    )
