"""SAM's transformation resolves references to parameters in its own resources. It gets no values here
and takes the defaults, which AWS takes only for parameters that a deployment does not give."""

from patches.wrap import rewrite


def apply():
    from ministack.services.cloudformation import changesets, engine, handlers

    rewrite(
        engine,
        "_apply_transforms",
        {
            "_sam_transform(copy.deepcopy(template), {}, _NO_IAM_POLICY_LOADER)": (
                "_sam_transform(copy.deepcopy(template), "
                "_transform_parameters(template, provided_params, previous_params), _NO_IAM_POLICY_LOADER)"
            )
        },
    )
    for module in (changesets, handlers):
        module._apply_transforms = engine._apply_transforms
